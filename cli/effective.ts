// What a configuration would run, as canonical JSON. The field names are those of the tool that dumps the configuration
// of a real supervisord, so the two can be compared line by line. Used by `kahi check --effective --json`.

import { dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { namespec } from '../config/model/names.ts'
import type { LogFile } from '../config/model/output.ts'
import type { Config } from '../config/settings/config.ts'
import type { ProcessSettings, StreamSettings } from '../config/settings/process.ts'
import { type Server, asksForPassword, serverUrl } from '../config/settings/server.ts'
import type { FcgiSocket, GroupRole } from '../config/model/roles.ts'
import type { KeyTable } from '../config/keys/key.ts'
import { programKeys } from '../config/keys/program.ts'
import { supervisorKeys } from '../config/keys/supervisor.ts'
import { signalName } from '../config/values/signal.ts'
import { activeGroups, shutdownStages, startOrder } from '../runtime/plan/order.ts'

const CLASSES: Readonly<Record<GroupRole['kind'], string>> = {
  program: 'ProcessConfig',
  listener: 'EventListenerConfig',
  fcgi: 'FastCGIProcessConfig',
}

/** The configuration as plain data: ids of users are numbers, modes four octal digits, absent values null. */
export function effectiveConfig(config: Config): Readonly<Record<string, unknown>> {
  const url = serverUrl(config.servers)
  return {
    supervisord: effectiveSupervisor(config, url),
    httpServers: config.servers.map(effectiveServer),
    groups: config.groups.map(({ name, priority, role, processes, shadowed }) => ({
      name,
      ...effectiveRole(role),
      priority,
      processes: processes.map((process) => effectiveProcess(process, url)),
      shadowed,
    })),
    startOrder: startOrder(config).map((process) => namespec(process.group, process.name)),
    stopOrder: shutdownStages(activeGroups(config)).map((group) => stopOrder(group.processes)),
  }
}

function effectiveRole(role: GroupRole): Readonly<Record<string, unknown>> {
  if (role.kind === 'program') return role
  if (role.kind === 'listener') return { ...role, kind: 'eventlistener', events: [...role.events].sort() }
  return { kind: 'fcgi-program', socket: effectiveSocket(role.socket) }
}

function effectiveSocket(socket: FcgiSocket): Readonly<Record<string, unknown>> {
  const backlog = socket.backlog ?? null
  if (socket.kind === 'tcp')
    return { ...socket, kind: undefined, family: 'inet', url: `tcp://${socket.host}:${socket.port}`, backlog }
  const { path, owner, mode } = socket
  const ids = owner === undefined ? null : [owner.uid, owner.gid]
  return { family: 'unix', url: `unix://${path}`, path, mode: octal(mode), owner: ids, backlog }
}

function stopOrder(processes: readonly ProcessSettings[]): readonly string[] {
  const ordered = [...processes].sort((a, b) => a.priority - b.priority).reverse()
  return ordered.map((process) => namespec(process.group, process.name))
}

function effectiveSupervisor({ file, supervisor }: Config, url: string | undefined): Readonly<Record<string, unknown>> {
  const { user, userName, log_level, umask, ...rest } = supervisor
  return {
    ...shared(rest, supervisorKeys),
    loglevel: log_level,
    umask: octal(umask),
    directory: rest.directory ?? null,
    logfile: rest.logfile ?? null,
    pidfile: rest.pidfile ?? null,
    user: userName ?? null,
    uid: user?.uid ?? null,
    gid: user?.gid ?? null,
    configfile: file,
    here: dirname(file),
    serverurl: url ?? null,
  }
}

function effectiveServer(server: Server): Readonly<Record<string, unknown>> {
  const { credentials } = server
  const access = {
    username: credentials?.username ?? null,
    password: credentials?.password ?? null,
    auth: asksForPassword(server),
  }
  if (server.kind === 'http')
    return { family: 'inet', host: server.host, port: server.port, section: 'inet_http_server', name: null, ...access }
  const { file, chmod, chown } = server
  return {
    family: 'unix',
    file,
    chmod: octal(chmod),
    chown: [chown.uid, chown.gid],
    section: 'unix_http_server',
    name: null,
    ...access,
  }
}

function effectiveProcess(process: ProcessSettings, url: string | undefined): Readonly<Record<string, unknown>> {
  const {
    user,
    umask,
    program: _,
    is_logger: __,
    dynamic: ___,
    kind,
    commandError,
    stdout,
    stderr,
    argv,
    directory,
    serverurl,
    env_file: files,
    ...rest
  } = process
  const effectiveUrl = serverurl || url
  return {
    ...shared(rest, programKeys),
    env_file: files && { files: files.files, variables: Object.keys(files.variables) },
    namespec: namespec(process.group, process.name),
    class: CLASSES[kind],
    argv: argv ?? null,
    argvError: commandError ?? null,
    childEnvironmentDelta: {
      SUPERVISOR_ENABLED: '1',
      SUPERVISOR_PROCESS_NAME: process.name,
      SUPERVISOR_GROUP_NAME: process.group,
      ...(effectiveUrl === undefined ? {} : { SUPERVISOR_SERVER_URL: effectiveUrl }),
      ...process.environment,
    },
    directory: directory ?? null,
    uid: user?.uid ?? null,
    umask: umask === undefined ? null : octal(umask),
    stopsignalName: process.stopsignal === 0 ? null : signalName(process.stopsignal),
    serverurl: serverurl ?? null,
    effectiveServerurl: effectiveUrl ?? null,
    stdout: effectiveStream(stdout),
    stderr: effectiveStream(stderr),
  }
}

/** The values without keys that only kahi has and that have their defaults, so that equal configurations look equal. */
function shared(values: object, keys: KeyTable): Readonly<Record<string, unknown>> {
  const isShown = ([name, value]: [string, unknown]): boolean => {
    const row = keys[name]
    return row === undefined || row.supervisord !== '' || !isDeepStrictEqual(value, row.fallback)
  }
  return Object.fromEntries(Object.entries(values).filter(isShown))
}

function effectiveStream(stream: StreamSettings): Readonly<Record<string, unknown>> {
  const { logfile, logfile_maxbytes: maxbytes, logfile_backups: backups, logfile_compress: _, ...rest } = stream
  return { ...rest, logfile: logName(logfile), maxbytes, backups }
}

function logName(logfile: LogFile): string | null {
  if (logfile.kind === 'none') return null
  return logfile.kind === 'auto' ? 'AUTO' : logfile.path
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}
