// What a daemon says of itself and its doors when it starts, in its log and in its pidfile.

import { asksForPassword, type Config, type Server } from '../config/config.ts'
import type { Logger } from './log/sink.ts'
import { writePidfile } from './system/pidfile.ts'
import { isRoot } from './system/privilege.ts'

/** Says who it runs as, and which doors are open to more than one would think. */
export function logIdentity(log: Logger, { supervisor, servers }: Config, calledAs: 'kahi' | 'supervisord'): void {
  if (supervisor.user !== undefined) log.log('info', `Set uid to user ${supervisor.user.uid} succeeded`)
  if (calledAs === 'supervisord') warnAsSupervisord(log, supervisor.user !== undefined, servers)
  else for (const server of servers) warnOfOpenServer(log, server)
}

/** Source: supervisor 4.2.5, ServerOptions.set_uid_or_exit and make_http_servers. */
function warnAsSupervisord(log: Logger, hasUser: boolean, servers: readonly Server[]): void {
  if (!hasUser && isRoot()) {
    log.log(
      'critical',
      'Supervisor is running as root.  Privileges were not dropped because no user is specified in the config file.  If you intend to run as root, you can set user=root in the config file to avoid this message.',
    )
  }
  for (const server of servers) {
    log.log('info', "RPC interface 'supervisor' initialized")
    if (asksForPassword(server)) continue
    const name = server.kind === 'unix' ? 'unix_http_server' : 'inet_http_server'
    log.log('critical', `Server '${name}' running without any HTTP authentication checking`)
  }
}

/** Writes the pidfile and gives what removes it. Source: supervisor 4.2.5, ServerOptions.write_pidfile: the daemon goes on without. */
export function keepPidfile({ supervisor }: Config, pid: number, log: Logger): () => void {
  if (supervisor.pidfile === undefined) return () => {}
  const pidfile = writePidfile(supervisor.pidfile, pid)
  if ('remove' in pidfile) return pidfile.remove
  log.log('critical', `could not write pidfile ${supervisor.pidfile}: ${pidfile.error}`)
  return () => {}
}

/** A socket for its owner only needs no password; anything wider does. */
function warnOfOpenServer(log: Logger, server: Server): void {
  if (asksForPassword(server)) return
  if (server.kind === 'http') {
    log.log(
      'warn',
      `[server.http] ${server.host}:${server.port} asks for no password: who reaches it controls the programs`,
    )
  } else if ((server.chmod & 0o077) !== 0) {
    log.log('warn', `[server.unix] ${server.file} is open to other users and asks for no password`)
  }
}
