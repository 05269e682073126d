// Lines about the daemon and its servers, for its log at start.

import type { Config } from '../../config/settings/config.ts'
import { type Server, asksForPassword } from '../../config/settings/server.ts'
import type { Logger } from '../log/sink.ts'
import { isRoot } from '../system/privilege.ts'
import type { Part } from './part.ts'

/** Logs the user of the daemon, and a warning for each server without a password that needs one. */
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

/**
 * Logs that the daemon has started, and how it came to run. A parent that waits for the start is notified after that.
 */
export const startLines: Part = {
  name: 'start',
  open: ({ options: { story = [], calledAs, observe, onReady }, lives: { isFirst }, succession, log, bus }) => {
    if (isFirst) observe?.(bus, succession.pid)
    for (const line of isFirst ? story : []) log.log('info', line)
    log.log('info', `${calledAs} started with pid ${succession.pid}`)
    if (isFirst) onReady?.()
  },
}

/** A socket that only its owner can use needs no password; all other servers do. */
function warnOfOpenServer(log: Logger, server: Server): void {
  if (asksForPassword(server)) return
  if (server.kind === 'http') {
    log.log(
      'warn',
      `[server.http] ${server.host}:${server.port} asks for no password: everyone who can reach it can control the programs`,
    )
  } else if ((server.chmod & 0o077) !== 0) {
    log.log('warn', `[server.unix] ${server.file} is open to other users and asks for no password`)
  }
}
