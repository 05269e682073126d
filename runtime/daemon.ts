// The daemon: builds its parts in the order in which they need each other, runs until told to stop, and takes them
// apart in reverse. Everything that is opened is noted in a list of what undoes it, so that a start that fails
// half-way leaves nothing behind. No program is started before the sockets are open.

import type { Config, ConfigSource, Loaded, LogFormat, Server } from '../config/config.ts'
import { controlledConfiguration, KnownSource } from './configuration.ts'
import { StartError } from './control/errors.ts'
import type { Controlled, Upgrade } from './control/supervised.ts'
import { type DefaultDoor, openDoors } from './doors.ts'
import { Ending, type Outcome } from './ending.ts'
import { inheritedEnvironment, writeEnvironment } from './environment-directory.ts'
import { EventBus } from './events/bus.ts'
import { ExitCodeFile } from './exit-code-file.ts'
import { keepPidfile, logIdentity } from './identity.ts'
import { handleTable } from './init-signals.ts'
import { applyLimits, LimitError } from './limits.ts'
import { MainLog } from './log/main-log.ts'
import { type DaemonLogs, openDaemonLogs } from './log/open.ts'
import type { Logger } from './log/sink.ts'
import { logDiagnostics, tryToLoad } from './reload.ts'
import { HeldShim } from './shim/held.ts'
import type { Shim, ShimEvents } from './shim/shim.ts'
import { handleSignals, type SignalHandling, type SignalParts, type SignalTable } from './signals.ts'
import { Succession, type SuccessionOptions } from './succession.ts'
import { Supervisor } from './supervisor.ts'
import { type Clock, systemClock } from './system/clock.ts'
import { onInternalError } from './system/exit.ts'
import { errnoCode } from './system/files.ts'
import { collectGarbage } from './system/heap.ts'
import { becomeUser } from './system/privilege.ts'
import { beginUpgrade } from './upgrade.ts'

/** What a daemon is started with. */
export interface DaemonOptions extends DefaultDoor {
  readonly source: ConfigSource
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
  /** What signals do, where that is not what they do to `kahi daemon`. */
  readonly signals?: SignalTable
  /** Where the daemon's own log goes; standard output unless given. */
  readonly logStream?: 'stdout' | 'stderr'
  /** How the daemon came to run, for its log. */
  readonly story?: readonly string[]
  /** Says on standard error why the daemon does not start, in other words than kahi's. */
  readonly complain?: (message: string) => void
  /** Called when the sockets are open and signals are heard, before programs are started. */
  readonly onReady?: () => void
}

/** What outlives a restart. */
interface Lives {
  readonly shim: HeldShim
  readonly clock: Clock
  isFirst: boolean
  /** Of the life before, until the next one hears signals itself. */
  signals: SignalHandling | undefined
}

/** What all the rest is built on. */
interface Base extends Pick<Lives, 'clock' | 'shim'> {
  readonly logs: DaemonLogs
  readonly oneGroupAtATime: boolean
  readonly reportBug: (error: unknown) => void
}

/** Exit code when the helper is lost: nothing can be supervised then. */
const LOST = 101
const FLUSH_MS = 1000
/** After the programs were started: their first second is over then. */
const SETTLED_MS = 1500

/**
 * Runs a configuration until SIGTERM, SIGINT, SIGQUIT or a client's shutdown; a restart is another life in the same
 * process, with the parent of the services kept. Gives the exit code: 0 after an
 * orderly end, 2 for what the user can correct, 111 when the system refused, 101 when the helper was lost. Rejects
 * with ConfigError before anything was opened. Source: supervisor 4.2.5, supervisord.Supervisor.main and runforever.
 */
export async function runDaemon(options: DaemonOptions): Promise<number> {
  const lives: Lives = { shim: new HeldShim(options.shimPath), clock: systemClock(), isFirst: true, signals: undefined }
  let loaded = await options.source.load()
  try {
    for (;;) {
      const outcome = await live(options, loaded, lives)
      if (typeof outcome === 'number') return outcome
      loaded = outcome
      lives.isFirst = false
    }
  } finally {
    await lives.shim.close()
  }
}

async function live(options: DaemonOptions, loaded: Loaded, lives: Lives): Promise<Outcome> {
  const undo: (() => unknown)[] = []
  const { clock, shim } = lives
  let logs: DaemonLogs | undefined
  try {
    const { supervisor } = loaded.config
    const trouble = supervisor.user === undefined || !lives.isFirst ? undefined : becomeUser(supervisor.user)
    if (trouble !== undefined) throw new StartError(trouble, 2)
    logs = openLogs(loaded.config, clock, options)
    const { log } = logs
    undo.push(() => log.close())
    logDiagnostics(log, loaded.diagnostics)
    logIdentity(log, loaded.config, options.calledAs)
    const reportBug = (error: unknown) => log.log('error', `internal error: ${stackOf(error)}`)
    const base = { logs, clock, reportBug, shim, oneGroupAtATime: options.calledAs === 'supervisord' }
    return await run({ options, loaded: loaded.config, base, lives, undo })
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    logs?.log.log('critical', error.message)
    if (logs?.stdout.isTerminal !== true) (options.complain ?? complain)(error.message)
    return error.exitCode
  } finally {
    for (const step of undo.reverse()) await step()
    await Promise.all([logs?.stdout.flush(FLUSH_MS), logs?.stderr.flush(FLUSH_MS)])
  }
}

interface RunParts {
  readonly options: DaemonOptions
  readonly loaded: Config
  readonly base: Base
  readonly lives: Lives
  readonly undo: (() => unknown)[]
}

async function run({ options, loaded, base, lives, undo }: RunParts): Promise<Outcome> {
  const { logs, clock, reportBug } = base
  const { log } = logs
  undo.push(onInternalError(reportBug))
  const ending = new Ending()
  const isWanted = options.survive === true || loaded.supervisor.survive
  const built = await buildSupervisor(base, { isWanted, isRestart: !lives.isFirst }, { ending, loaded })
  const { shim, supervisor, bus, succession } = built
  undo.push(() => logs.syslog.flush().finally(() => letGo(built, lives.shim)))
  for (const limit of [...succession.limits, ...shim.limits]) log.log('warn', limit)
  for (const line of await raiseLimits(shim, loaded)) log.log('info', line)
  const source = new KnownSource(options.source, loaded)
  const shutdown = () => ending.begin(0)
  const restart = () => void tryToLoad(source, log).then((next) => next && ending.begin(next), reportBug)
  let defaultServers: readonly Server[] = []
  const complete = (config: Config): Config => ({
    ...config,
    servers: config.servers.length > 0 ? config.servers : defaultServers,
  })
  const reloader = { source, supervisor, log, complete }
  const upgrade = (): Promise<Upgrade> => beginUpgrade({ succession, options, log, ending })
  const controlled: Controlled = {
    supervisor,
    clock,
    configuration: controlledConfiguration(reloader),
    mainLog: mainLogOf(loaded, logs),
    version: options.version,
    pid: succession.pid,
    brain: process.pid,
    emit: (event) => bus.emit(event),
    shutdown,
    restart,
    upgrade,
    reportBug,
  }
  const opened = await openDoors(options, loaded, { controlled, clock, log, supervisor, shim, bus })
  defaultServers = opened.servers
  undo.push(opened.close)
  const config = complete(loaded)
  const removePidfile = keepPidfile(config, succession.pid, log)
  undo.push(() => succession.leavesAll || removePidfile())
  const heard = { ...options, reloader, logs, clock, shutdown, ending, restart, reportBug }
  undo.push(hearSignals(lives, heard))
  tellStart(log, lives.isFirst ? options : { ...options, story: [] }, succession.pid)
  if (lives.isFirst) options.onReady?.()
  await begin(built, ending, config)
  const settled = clock.after(SETTLED_MS, collectGarbage)
  undo.push(() => settled.cancel())
  return ending.outcome
}

/** Starts the programs; an end that had begun before this brain goes on. */
async function begin({ supervisor, succession }: Built, ending: Ending, config: Config): Promise<void> {
  const before = (await succession.held())?.ending
  if (before !== undefined) ending.want(before)
  await supervisor.apply(config)
  if (before !== undefined) ending.goOn(before)
}

function tellStart(log: Logger, { calledAs, story = [] }: DaemonOptions, pid: number): void {
  for (const line of [...story, `${calledAs} started with pid ${pid}`]) log.log('info', line)
}

function hearSignals(lives: Lives, parts: SignalParts): () => void {
  const signals = parts.signals === undefined ? handleSignals(parts) : handleTable(parts.signals, parts)
  lives.signals?.release()
  lives.signals = signals
  return () => signals.ignore()
}

function mainLogOf({ supervisor: { logfile } }: Config, { log }: DaemonLogs): MainLog | undefined {
  return logfile === undefined || logfile === 'syslog' ? undefined : new MainLog(logfile, log)
}

/** The end of the programs, or only of our part in them. The helper goes on: another life may need it. */
function letGo({ supervisor, succession }: Built, shim: HeldShim): void {
  shim.release()
  if (!succession.leavesAll) return
  succession.leave()
  shim.leave()
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

function openLogs(
  { supervisor }: Config,
  clock: Clock,
  { logFormat: format, logStream: stream, calledAs }: DaemonOptions,
): DaemonLogs {
  try {
    return openDaemonLogs(supervisor, {
      clock,
      format,
      identity: calledAs,
      ...(stream === undefined ? {} : { stream }),
    })
  } catch (error) {
    throw new StartError(`Cannot open the log file ${supervisor.logfile}: ${errnoCode(error)}`, 111)
  }
}

interface Built {
  readonly shim: Shim
  readonly supervisor: Supervisor
  readonly bus: EventBus
  readonly succession: Succession
}

async function buildSupervisor(
  { logs, clock, reportBug, shim: held, oneGroupAtATime }: Base,
  survival: Pick<SuccessionOptions, 'isWanted' | 'isRestart'>,
  { ending, loaded }: { readonly ending: Ending; readonly loaded: Config },
): Promise<Built> {
  const { log } = logs
  const { environment_directory: directory, exit_code_file: exitCodePath } = loaded.supervisor
  const built: { supervisor?: Supervisor } = {}
  const events: ShimEvents = {
    exited: (id, pid, status) => built.supervisor?.exited(id, pid, status),
    orphan: (pid, status) => built.supervisor?.orphan(pid, status),
    lost: (reason) => {
      log.log('critical', `the helper that runs the programs is gone: ${reason}`)
      ending.resolve(LOST)
    },
  }
  const shim = await held.hold(events).catch((error: unknown) => {
    throw new StartError(`Cannot take over the programs: ${errnoCode(error)}`, 111)
  })
  const succession = new Succession({ ...survival, shim, ownPid: process.pid, reportBug })
  const bus = new EventBus(reportBug)
  const supervisor = new Supervisor({
    ...logs,
    shim,
    clock,
    bus,
    daemonEnvironment: inheritedEnvironment(process.env, directory),
    oneGroupAtATime,
    succession,
  })
  built.supervisor = supervisor
  const exitCodeFile = new ExitCodeFile(exitCodePath, log)
  if (survival.isRestart === false && (await succession.held()) === undefined) {
    exitCodeFile.note(0)
    writeEnvironment(process.env, directory, log)
  }
  ending.connect({ supervisor, succession, exitCodeFile, bus, log, reportBug })
  return { shim, supervisor, bus, succession }
}

function complain(message: string): void {
  process.stderr.write(`error: ${message}\n`)
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
