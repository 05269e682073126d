// The daemon: builds its parts in the order in which they need each other, runs until told to stop, and takes them
// apart in reverse. Everything that is opened is noted in a list of what undoes it, so that a start that fails
// half-way leaves nothing behind. No program is started before the sockets are open.

import { asksForPassword, type Config, type ConfigSource, type LogFormat, type Server } from '../config/config.ts'
import { StartError } from './control/errors.ts'
import type { Controlled, Upgrade } from './control/supervised.ts'
import { Ending } from './ending.ts'
import { EventBus } from './events/bus.ts'
import { applyLimits, LimitError } from './limits.ts'
import { type DaemonLogs, openDaemonLogs } from './log/open.ts'
import type { Logger } from './log/sink.ts'
import { logDiagnostics } from './reload.ts'
import { openShim } from './shim/open.ts'
import type { Shim, ShimEvents } from './shim/shim.ts'
import { handleSignals } from './signals.ts'
import { Succession } from './succession.ts'
import { Supervisor } from './supervisor.ts'
import { type Clock, systemClock } from './system/clock.ts'
import { onInternalError } from './system/exit.ts'
import { errnoCode } from './system/files.ts'
import { collectGarbage } from './system/heap.ts'
import { writePidfile } from './system/pidfile.ts'
import { becomeUser, isRoot } from './system/privilege.ts'
import { beginUpgrade } from './upgrade.ts'

/** What a daemon is started with. */
export interface DaemonOptions {
  readonly source: ConfigSource
  /** Opened when the configuration names no server; undefined opens none then. */
  readonly defaultSocket?: string
  /** Makes ready where the default socket will be; gives what is wrong, if anything. */
  readonly prepareDefaultSocket?: () => string | undefined
  /** The native helper. */
  readonly shimPath: string
  /** As `survive = true` in the configuration. */
  readonly survive?: boolean
  /** How the program is started, for upgrades, and what makes it check the configuration. */
  readonly program: readonly string[]
  readonly check: readonly string[]
  /** Wins over the configured one. */
  readonly logFormat?: LogFormat
  readonly version: string
  /** The name that the log gives the daemon; as `supervisord` it also warns of what the original warns of. */
  readonly calledAs: 'kahi' | 'supervisord'
  /** Called when the sockets are open and signals are heard, before programs are started. */
  readonly onReady?: () => void
}

/** What all the rest is built on. */
interface Base {
  readonly logs: DaemonLogs
  readonly clock: Clock
  readonly shimPath: string
  readonly oneGroupAtATime: boolean
  readonly reportBug: (error: unknown) => void
}

/** Exit code when the helper is lost: nothing can be supervised then. */
const LOST = 101
const FLUSH_MS = 1000
/** After the programs were started: their first second is over then. */
const SETTLED_MS = 1500

/**
 * Runs a configuration until SIGTERM, SIGINT, SIGQUIT or a client's shutdown. Gives the exit code: 0 after an
 * orderly end, 2 for what the user can correct, 111 when the system refused, 101 when the helper was lost. Rejects
 * with ConfigError before anything was opened. Source: supervisor 4.2.5, supervisord.Supervisor.main and runforever.
 */
export async function runDaemon(options: DaemonOptions): Promise<number> {
  const loaded = await options.source.load()
  const undo: (() => unknown)[] = []
  const clock = systemClock()
  let logs: DaemonLogs | undefined
  try {
    const { supervisor } = loaded.config
    const trouble = supervisor.user === undefined ? undefined : becomeUser(supervisor.user)
    if (trouble !== undefined) throw new StartError(trouble, 2)
    logs = openLogs(loaded.config, clock, options)
    const { log } = logs
    undo.push(() => log.close())
    logDiagnostics(log, loaded.diagnostics)
    logIdentity(log, loaded.config, options.calledAs)
    const reportBug = (error: unknown) => log.log('error', `internal error: ${stackOf(error)}`)
    const { shimPath, calledAs } = options
    const base = { logs, clock, reportBug, shimPath, oneGroupAtATime: calledAs === 'supervisord' }
    return await run(options, loaded.config, base, undo)
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    logs?.log.log('critical', error.message)
    if (logs?.stdout.isTerminal !== true) process.stderr.write(`error: ${error.message}\n`)
    return error.exitCode
  } finally {
    for (const step of undo.reverse()) await step()
    await Promise.all([logs?.stdout.flush(FLUSH_MS), logs?.stderr.flush(FLUSH_MS)])
  }
}

async function run(options: DaemonOptions, loaded: Config, base: Base, undo: (() => unknown)[]): Promise<number> {
  const { logs, clock, reportBug } = base
  const { log } = logs
  undo.push(onInternalError(reportBug))
  const ending = new Ending()
  const isWanted = options.survive === true || loaded.supervisor.survive
  const built = await buildSupervisor(base, isWanted, (reason) => {
    log.log('critical', `the helper that runs the programs is gone: ${reason}`)
    ending.resolve(LOST)
  })
  const { shim, supervisor, bus, succession } = built
  ending.connect({ supervisor, succession, bus, log, reportBug })
  undo.push(() => logs.syslog.flush().finally(() => letGo(built)))
  for (const limit of [...succession.limits, ...shim.limits]) log.log('warn', limit)
  for (const line of await raiseLimits(shim, loaded)) log.log('info', line)
  const shutdown = () => ending.begin(0)
  const { pid } = succession
  const upgrade = (): Promise<Upgrade> => beginUpgrade({ succession, options, log, ending })
  const controlled: Controlled = {
    supervisor,
    version: options.version,
    pid,
    brain: process.pid,
    shutdown,
    upgrade,
    reportBug,
  }
  const opened = await openDoors(options, loaded.servers, { controlled, clock, log })
  const complete = (config: Config): Config => ({
    ...config,
    servers: config.servers.length > 0 ? config.servers : opened.servers,
  })
  undo.push(opened.close)
  const config = complete(loaded)
  const removePidfile = openPidfile(config, pid, log)
  undo.push(() => succession.leavesAll || removePidfile())
  const reloader = { source: options.source, supervisor, log, complete }
  undo.push(handleSignals({ config, reloader, logs, clock, shutdown, reportBug, calledAs: options.calledAs }))
  log.log('info', `${options.calledAs} started with pid ${pid}`)
  options.onReady?.()
  const before = (await succession.held())?.ending
  if (before !== undefined) ending.want(before)
  await supervisor.apply(config)
  if (before !== undefined) ending.goOn(before)
  const settled = clock.after(SETTLED_MS, collectGarbage)
  undo.push(() => settled.cancel())
  return ending.code
}

/** The end of the programs with the helper, or only of our part in them. */
async function letGo({ shim, supervisor, succession }: Built): Promise<void> {
  if (!succession.leavesAll) return shim.close()
  succession.leave()
  supervisor.handOver()
}

async function raiseLimits(shim: Shim, { supervisor }: Config): Promise<readonly string[]> {
  try {
    return await applyLimits(shim, supervisor)
  } catch (error) {
    if (!(error instanceof LimitError)) throw error
    throw new StartError(error.message, 2)
  }
}

function openLogs({ supervisor }: Config, clock: Clock, { logFormat: format, calledAs }: DaemonOptions): DaemonLogs {
  try {
    return openDaemonLogs(supervisor, { clock, format, identity: calledAs })
  } catch (error) {
    throw new StartError(`Cannot open the log file ${supervisor.logfile}: ${errnoCode(error)}`, 111)
  }
}

function logIdentity(log: Logger, { supervisor, servers }: Config, calledAs: DaemonOptions['calledAs']): void {
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
    if (asksForPassword(server)) continue
    const name = server.kind === 'unix' ? 'unix_http_server' : 'inet_http_server'
    log.log('critical', `Server '${name}' running without any HTTP authentication checking`)
  }
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

interface Built {
  readonly shim: Shim
  readonly supervisor: Supervisor
  readonly bus: EventBus
  readonly succession: Succession
}

async function buildSupervisor(
  { logs, clock, reportBug, shimPath, oneGroupAtATime }: Base,
  survives: boolean,
  lost: (reason: string) => void,
): Promise<Built> {
  const built: { supervisor?: Supervisor } = {}
  const events: ShimEvents = {
    exited: (id, pid, status) => built.supervisor?.exited(id, pid, status),
    orphan: (pid, status) => built.supervisor?.orphan(pid, status),
    lost,
  }
  const shim = await openShim({ path: shimPath, events }).catch((error: unknown) => {
    throw new StartError(`Cannot take over the programs: ${errnoCode(error)}`, 111)
  })
  const { keeper } = shim
  const succession = new Succession({ keeper, isWanted: survives, ownPid: process.pid, reportBug })
  const bus = new EventBus(reportBug)
  const supervisor = new Supervisor({
    ...logs,
    shim,
    clock,
    bus,
    daemonEnvironment: { ...process.env },
    oneGroupAtATime,
    succession,
  })
  built.supervisor = supervisor
  return { shim, supervisor, bus, succession }
}

interface DoorParts {
  readonly controlled: Controlled
  readonly clock: Clock
  readonly log: Logger
}

/** Opens the servers, or the default socket when there are none. `servers` are those that were opened. */
async function openDoors(
  options: DaemonOptions,
  servers: readonly Server[],
  { controlled, clock, log }: DoorParts,
): Promise<{ readonly servers: readonly Server[]; close(): Promise<void> }> {
  const isDefault = servers.length === 0
  const wanted = isDefault ? defaultServer(options, log) : servers
  if (wanted.length === 0) return { servers: [], close: async () => {} }
  const { openServers } = await import('./control/rest/server.ts')
  const parts = {
    controlled,
    after: (ms: number, callback: () => void) => clock.after(ms, callback),
    log: (message: string) => log.log('info', message),
  }
  try {
    const { close } = await openServers(wanted, parts)
    return { servers: wanted, close }
  } catch (error) {
    if (!isDefault || !(error instanceof StartError) || error.exitCode === 2) throw error
    log.log('warn', `${error.message}; kahi ctl cannot reach this daemon: configure [server.unix]`)
    return { servers: [], close: async () => {} }
  }
}

function defaultServer({ defaultSocket, prepareDefaultSocket }: DaemonOptions, log: Logger): readonly Server[] {
  if (defaultSocket === undefined) return []
  const trouble = prepareDefaultSocket?.()
  if (trouble !== undefined) {
    log.log('warn', `${trouble}; kahi ctl cannot reach this daemon`)
    return []
  }
  const chown = { uid: -1, gid: -1 }
  return [{ kind: 'unix', file: defaultSocket, chmod: 0o700, chown, credentials: undefined }]
}

/** Source: supervisor 4.2.5, ServerOptions.write_pidfile: the daemon goes on without. */
function openPidfile({ supervisor }: Config, pid: number, log: Logger): () => void {
  if (supervisor.pidfile === undefined) return () => {}
  const pidfile = writePidfile(supervisor.pidfile, pid)
  if ('remove' in pidfile) return pidfile.remove
  log.log('critical', `could not write pidfile ${supervisor.pidfile}: ${pidfile.error}`)
  return () => {}
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
