// What control needs of the runtime: the methods that verbs call, and their types. This is the only file of control
// that imports parts of the runtime. Supervisor and Service match these interfaces by their shape; tests use plain
// objects.

import type { Table } from '../../../config/keys/document.ts'
import type { Config } from '../../../config/settings/config.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import type { DynamicPrograms } from '../../../config/model/dynamic.ts'
import type { ChangeReport } from '../../plan/change-report.ts'
import type { Changes } from '../../plan/diff.ts'
import type { StreamLog, TimedLog } from '../../log/stream-log.ts'
import type { Happening } from '../../events/event.ts'
import type { Journal } from '../../events/journal.ts'
import type { CommandEnd, ProcessInfo, SignalOutcome, StartOutcome, StopOutcome } from '../../service/context.ts'
import type { Variable } from '../../process/environment.ts'
import type { Measured, ProcessUsage } from '../../process/measure.ts'
import type { InputOutcome } from '../../service/process/input.ts'
import type { Exposition, Wanted } from '../../metrics/exposition.ts'
import type { LogTargetStatus } from '../../log-targets/log-targets.ts'
import type { PeerAnswer } from '../../peers/ask-peers.ts'
import type { Outcome } from '../../outbound/outcome.ts'
import type { WebhookStatus } from '../../webhooks/webhooks.ts'
import type { Sequencer } from '../../supervisor/sequencer.ts'
import type { BootRecord } from '../../supervisor/boot-record.ts'
import type { Supervisor } from '../../supervisor/supervisor.ts'
import type { EventBus } from '../../events/bus.ts'
import type { Shim } from '../../shim/shim.ts'
import type { Clock } from '../../system/clock.ts'

export type { ChangeReport } from '../../plan/change-report.ts'
export type { ProcessUsage } from '../../process/measure.ts'
export type { Variable } from '../../process/environment.ts'
export type { Changes } from '../../plan/diff.ts'
export type { Step } from '../../plan/plan.ts'
export type { StreamLog, TimedLog } from '../../log/stream-log.ts'
export type { TimedLine } from '../../log/time-marks.ts'
export type { RuntimeEvent, StateName } from '../../events/event.ts'
export type { ProcessInfo, StartOutcome, StopOutcome } from '../../service/context.ts'
export type { Unexecutable } from '../../process/command.ts'
export type { Arrival } from '../../supervisor/arrivals.ts'
export type { Exposition, Wanted as WantedMetrics } from '../../metrics/exposition.ts'
export type { Clock, Timer } from '../../system/clock.ts'
export type { Logger } from '../../log/sink.ts'
export type { Unit } from '../../service/unit.ts'
export type { SignalTarget } from '../../service/process/signal-process.ts'
export type { ExitStatus } from '../../shim/shim.ts'

/** What service directories of s6 need of the helper: locks, and FIFOs that no other user can replace. */
export type FifoMaker = Pick<Shim, 'lock' | 'unlock' | 'makeFifo'>

/** What service directories of s6 need of the event bus. */
export type EventSource = Pick<EventBus, 'on'>

/** What the scan directory shows. */
export type ShownUnits = Pick<Supervisor, 'group' | 'services'>

/** A process as control sees it. */
export interface ControlledService {
  readonly name: string
  readonly group: string
  readonly settings: ProcessSettings
  readonly input: { write(text: string): Promise<InputOutcome> }
  info(): ProcessInfo
  start(): Promise<StartOutcome>
  stop(): Promise<StopOutcome>
  /** Resolves when no process of it is being started: the newest one has its pid, or could not be started. */
  untilSpawned(): Promise<void>
  /** Resolves when there is no process and none is being started. */
  untilAtRest(): Promise<void>
  signal(number: number): Promise<SignalOutcome>
  log(stream: 'stdout' | 'stderr'): TimedLog | undefined
  /** Runs a command with its user, directory and environment; resolves with its end. */
  runBeside(command: string | readonly string[], variables: Readonly<Record<string, string>>): Promise<CommandEnd>
  /** The environment that a process of it gets, and where each variable comes from. */
  environment(): readonly Variable[]
}

/** The supervisor as control sees it. */
export interface ControlledSupervisor {
  readonly phase: 'running' | 'stopping'
  /** The order among units: it starts and stops several units together. */
  readonly order: Pick<
    Sequencer,
    'graph' | 'startPlan' | 'stopPlan' | 'bringUp' | 'takeDown' | 'cancelStart' | 'restart'
  >
  readonly boot: Pick<BootRecord, 'entries' | 'elapsedMs' | 'criticalPath'>
  /** Sorted by group, then name. */
  services(): readonly ControlledService[]
  /** In priority order; undefined when the group does not exist. */
  group(name: string): readonly ControlledService[] | undefined
  find(group: string, name: string): ControlledService | undefined
  /** Starts a service after its dependencies, and then the dependents that were stopped with it. */
  start(service: ControlledService): Promise<StartOutcome>
  /** Stops the service if it is up, and starts it: one event, which is carried out also if the client goes away. */
  restart(service: ControlledService): Promise<StartOutcome>
  /** Stops a service after its dependents. */
  stop(service: ControlledService): Promise<StopOutcome>
  /** As stop(), for several. */
  takeDown(units: readonly string[]): ReadonlyMap<string, Promise<StopOutcome>>
  /** Ids of the dependents that were stopped with a service. */
  stoppedWith(service: ControlledService): readonly string[]
}

/** A checked upgrade: both versions, and a function that carries it out. */
export interface Upgrade {
  readonly from: string
  readonly to: string
  /** Ends this daemon process in favour of the new one; returns at once. */
  proceed(): void
}

/** The configuration on disk, and how to apply it. */
export interface ControlledConfiguration {
  /** As it was last read; the one in force may differ. */
  readonly last: Config
  /** Reads it again and gives the differences from the one in force. Rejects with ConfigError. */
  reread(): Promise<Changes>
  /**
   * The configuration in force, and the tables of the file as they are written now; `isCurrent` when both say the same.
   * Rejects with ConfigError.
   */
  inForce(): Promise<{ readonly config: Config; readonly tables: readonly Table[]; readonly isCurrent: boolean }>
  /** As reread(), with all details. */
  preview(): Promise<ChangeReport>
  /** Reads it again and applies the differences. Rejects with ConfigError; then nothing has changed. */
  apply(): Promise<ChangeReport>
  /** Adds a group as it was last read; false when the group exists already. */
  addGroup(name: string): Promise<boolean>
  /** Removes a group; false when one of its processes is not at rest. */
  removeGroup(name: string): Promise<boolean>
  /** Reads it again and applies the groups of one program, and nothing else. Rejects with ConfigError. */
  applyProgram(name: string): Promise<void>
  /** Programs that clients add; undefined where they cannot. */
  readonly dynamic?: DynamicPrograms | undefined
}

/** The helper, which may stop answering. */
export interface ControlledHelper {
  /** False from the moment that it was found not to answer, until it answers again. */
  readonly isAnswering: boolean
  /** Asks whether it answers. Resolves after two seconds at most. */
  responds(): Promise<boolean>
  /** Settles as `work` does; rejects with ControlError, UNAVAILABLE, when the helper stops answering before. */
  whileAnswering<T>(work: Promise<T>): Promise<T>
}

/** The daemon as the verbs see it. */
export interface Controlled {
  readonly supervisor: ControlledSupervisor
  readonly helper: ControlledHelper
  readonly clock: Clock
  readonly version: string
  /** As which program it runs. */
  readonly calledAs: 'kahi' | 'supervisord'
  /** The pid that users signal; it stays the same over upgrades. */
  readonly pid: number
  /** The pid of the Node process. */
  readonly nodePid: number
  readonly configuration: ControlledConfiguration
  /** The daemon's own log; undefined when it has no file. */
  readonly mainLog: StreamLog | undefined
  /** Emits an event. */
  emit(event: Happening): void
  /** The newest events. */
  readonly journal: Pick<Journal, 'since' | 'follow'>
  /** Measures what processes use now, each with its children. Pids that have ended are left out. */
  measure(wanted: readonly Measured[]): Promise<ReadonlyMap<number, ProcessUsage>>
  /** Makes the text of a scrape. */
  readonly metrics: { text(wanted: Wanted): Promise<Exposition> }
  /** The servers that get events and output; none where the configuration has none. */
  readonly deliveries: {
    webhookStatuses(): readonly WebhookStatus[]
    logTargetStatuses(): readonly LogTargetStatus[]
    /** Sends a test at once; undefined when there is no such webhook. */
    testWebhook(name: string): Promise<Outcome | undefined>
  }
  /** Asks the other daemons of the configuration. Never rejects. */
  askPeers(): Promise<readonly PeerAnswer[]>
  /**
   * Begins an ordered stop, after which the daemon starts again with the configuration of that time; returns at once.
   */
  restart(): void
  /** Begins the ordered shutdown; returns at once. */
  shutdown(): void
  /** Checks the version that is on disk now. Rejects with ControlError when it cannot run. */
  upgrade(): Promise<Upgrade>
  /** Reports a bug. */
  reportBug(error: unknown): void
}
