// What all parts of a daemon need: its log, the helper, the event bus and the supervisor.

import type { Config, Loaded } from '../../config/settings/config.ts'
import type { ReloadWatcher } from './reload.ts'
import { StartError } from '../control/operations/errors.ts'
import { EventBus } from '../events/bus.ts'
import { Journal } from '../events/journal.ts'
import { Listeners } from '../listeners/listeners.ts'
import { type DaemonLogs, openDaemonLogs } from '../log/open.ts'
import type { Shim, ShimEvents } from '../shim/shim.ts'
import { withoutManager } from './service-manager.ts'
import { Succession } from '../supervisor/succession.ts'
import { Supervisor } from '../supervisor/supervisor.ts'
import { onInternalError } from '../system/exit.ts'
import { errnoCode } from '../system/files.ts'
import { KnownSource } from './configuration.ts'
import { controlledDaemon } from './controlled.ts'
import { Ending } from './ending.ts'
import { programEnvironment } from './environment-directory.ts'
import { HelperWatch } from './helper-watch.ts'
import { Metrics } from './metrics.ts'
import type { DaemonOptions } from './options.ts'
import type { DaemonContext, Lives } from './part.ts'

/** What the core is made from. */
export interface CoreParts {
  readonly options: DaemonOptions
  readonly loaded: Loaded
  readonly lives: Lives
  readonly logs: DaemonLogs
  /** Collects functions that close what was opened. */
  readonly undo: (() => unknown)[]
}

/** Opens the daemon's log. Throws StartError. */
export function openLogs({ options, loaded, lives }: Omit<CoreParts, 'logs' | 'undo'>): DaemonLogs {
  const { supervisor } = loaded.config
  const { logFormat: format, logStream: stream, calledAs: identity } = options
  const { clock } = lives
  const outboxes = options.survive === true || supervisor.survive ? lives.outboxes : undefined
  try {
    return openDaemonLogs(supervisor, { clock, format, identity, outboxes, ...(stream && { stream }) })
  } catch (error) {
    throw new StartError(`Cannot open the log file ${supervisor.logfile}: ${errnoCode(error)}`, 111)
  }
}

/** Opens everything else. Throws StartError. */
export async function openCore(parts: CoreParts): Promise<DaemonContext> {
  const { options, lives, logs, undo } = parts
  const { config } = parts.loaded
  const { clock } = lives
  const { log } = logs
  const reportBug = (error: unknown) => log.log('error', `internal error: ${stackOf(error)}`)
  undo.push(onInternalError(reportBug))
  const ending = new Ending()
  const helper = new HelperWatch({ log, clock, ending })
  undo.push(() => helper.close())
  const shim = await openShim(lives, helper.events)
  const isWanted = options.survive === true || config.supervisor.survive
  const succession = new Succession({ isWanted, isRestart: !lives.isFirst, shim, ownPid: process.pid, reportBug })
  const isFresh = lives.isFirst && (await succession.inherited()) === undefined
  const bus = new EventBus(reportBug, () => clock.wallMs())
  const journal = new Journal(bus.number, config.supervisor.journal_size)
  undo.push(bus.on((event) => journal.add(event)))
  const daemonEnvironment = programEnvironment(withoutManager(process.env, options), config.supervisor, {
    isWritten: !isFresh || options.isPrepared === true,
    log,
  })
  const oneGroupAtATime = options.calledAs === 'supervisord'
  const remember = (group: string, name: string): void => supervisor.find(group, name)?.remember()
  const listeners = new Listeners({ ...logs, bus, clock, remember })
  const supervisor: Supervisor = new Supervisor({
    ...logs,
    shim,
    clock,
    bus,
    listeners,
    daemonEnvironment,
    oneGroupAtATime,
    explainsErrors: !oneGroupAtATime,
    succession,
  })
  helper.connect(shim, supervisor)
  const metrics = new Metrics({ ...parts, bus, clock, supervisor, shim })
  await metrics.resume(succession)
  ending.connect({ supervisor, succession, bus, log, reportBug })
  undo.push(() => logs.syslog.flush().finally(() => release({ supervisor, succession, listeners }, lives)))
  const source = new KnownSource(options.source, config)
  const made = { supervisor, succession, ending, metrics, deliveries: metrics.deliveries }
  const base = { options, lives, config, clock, logs, log, shim, bus, isFresh, ...made }
  const complete = (wanted: Config): Config =>
    wanted.servers.length > 0 ? wanted : { ...wanted, servers: context.servers }
  const reloader = { source, supervisor, log, complete, watchers: new Set<ReloadWatcher>() }
  const controlled = controlledDaemon({ ...base, helper, journal, source, reloader, reportBug })
  const context = { ...base, reloader, controlled, servers: config.servers }
  return context
}

async function openShim({ shim }: Lives, events: ShimEvents): Promise<Shim> {
  try {
    return await shim.attach(events)
  } catch (error) {
    throw new StartError(`Cannot take over the programs: ${errnoCode(error)}`, 111)
  }
}

/**
 * Disconnects from the helper, which keeps running: after a restart of the daemon it is used again. After an upgrade
 * the programs keep running too.
 */
function release(
  { supervisor, succession, listeners }: Pick<DaemonContext, 'supervisor' | 'succession'> & { listeners: Listeners },
  { shim }: Lives,
): void {
  listeners.close()
  shim.detach()
  if (!succession.leavesAll) return
  succession.leave()
  shim.leave()
  supervisor.handOver()
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}
