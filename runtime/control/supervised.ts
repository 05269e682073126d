// What control needs of the supervisor and its services: the few methods that the verbs call. Supervisor and
// Service fit these by their shape; tests pass plain objects.

import type { Config, ProcessSettings } from '../../config/config.ts'
import type { DynamicPrograms } from '../../config/dynamic.ts'
import type { RuntimeEvent } from '../events/event.ts'
import type { StreamLog } from '../log/stream-log.ts'
import type { BootRecord } from '../plan/boot-record.ts'
import type { ChangeReport } from '../plan/change-report.ts'
import type { Changes } from '../plan/diff.ts'
import type { Sequencer } from '../plan/sequencer.ts'
import type { ProcessInfo, SignalOutcome, StartOutcome, StopOutcome } from '../service/context.ts'
import type { InputOutcome } from '../service/input.ts'
import type { Clock } from '../system/clock.ts'

/** A process under control. */
export interface ControlledService {
  readonly name: string
  readonly group: string
  readonly settings: ProcessSettings
  readonly input: { write(text: string): Promise<InputOutcome> }
  info(): ProcessInfo
  start(): Promise<StartOutcome>
  stop(): Promise<StopOutcome>
  /** Resolves when there is no process and none is on its way. */
  untilAtRest(): Promise<void>
  signal(number: number): Promise<SignalOutcome>
  log(stream: 'stdout' | 'stderr'): StreamLog | undefined
}

/** The set of them. */
export interface ControlledSupervisor {
  readonly phase: 'running' | 'stopping'
  /** Who waits for whom, and what brings several up or takes them down. */
  readonly order: Pick<Sequencer, 'graph' | 'startPlan' | 'stopPlan' | 'bringUp' | 'takeDown'>
  readonly boot: Pick<BootRecord, 'entries' | 'elapsedMs'>
  /** Sorted by group, then name. */
  services(): readonly ControlledService[]
  /** In priority order; undefined when there is no such group. */
  group(name: string): readonly ControlledService[] | undefined
  find(group: string, name: string): ControlledService | undefined
  /** Starts what the service needs, then itself. */
  start(service: ControlledService): Promise<StartOutcome>
  /** Stops those that need the service, then itself. */
  stop(service: ControlledService): Promise<StopOutcome>
}

/** An upgrade that has been checked: both versions, and what lets it happen. */
export interface Upgrade {
  readonly from: string
  readonly to: string
  /** Ends this daemon in favour of the new one; returns at once. */
  proceed(): void
}

/** The configuration on disk, and its way into what runs. */
export interface ControlledConfiguration {
  /** As last read; what runs may differ. */
  readonly last: Config
  /** Reads it again and says what differs from what runs. Rejects with ConfigError. */
  reread(): Promise<Changes>
  /** As reread, with all that there is to say. */
  preview(): Promise<ChangeReport>
  /** Reads it again and makes it so; only what differs is touched. Rejects with ConfigError and has changed nothing. */
  apply(): Promise<ChangeReport>
  /** Makes a group run as last read; false when there is one of that name. */
  addGroup(name: string): Promise<boolean>
  /** Drops a group; false when one of its processes is not at rest. */
  removeGroup(name: string): Promise<boolean>
  /** Programs that clients add; undefined where they cannot. */
  readonly dynamic?: DynamicPrograms | undefined
}

/** What the verbs work on. */
export interface Controlled {
  readonly supervisor: ControlledSupervisor
  readonly clock: Clock
  readonly version: string
  /** What people signal; it stays the same over upgrades. */
  readonly pid: number
  /** Of the Node process. */
  readonly brain: number
  readonly configuration: ControlledConfiguration
  /** The daemon's own log; undefined when it has no file. */
  readonly mainLog: StreamLog | undefined
  /** Tells everybody who listens. */
  emit(event: RuntimeEvent): void
  /** Asks for an ordered stop, after which all begins anew with the configuration as it is then; returns at once. */
  restart(): void
  /** Asks the daemon for its ordered shutdown; returns at once. */
  shutdown(): void
  /** Makes ready for the version that lies on disk now. Rejects with ControlError when that cannot run. */
  upgrade(): Promise<Upgrade>
  /** Tells a bug. */
  reportBug(error: unknown): void
}
