// What control needs of the supervisor and its services: the few methods that the verbs call. Supervisor and
// Service fit these by their shape; tests pass plain objects.

import type { ProcessSettings } from '../../config/config.ts'
import type { StreamLog } from '../log/stream-log.ts'
import type { ProcessInfo, SignalOutcome, StartOutcome, StopOutcome } from '../service/context.ts'

/** A process under control. */
export interface ControlledService {
  readonly name: string
  readonly group: string
  readonly settings: ProcessSettings
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

/** What the verbs work on. */
export interface Controlled {
  readonly supervisor: ControlledSupervisor
  readonly version: string
  /** What people signal; it stays the same over upgrades. */
  readonly pid: number
  /** Of the Node process. */
  readonly brain: number
  /** Asks the daemon for its ordered shutdown; returns at once. */
  shutdown(): void
  /** Makes ready for the version that lies on disk now. Rejects with ControlError when that cannot run. */
  upgrade(): Promise<Upgrade>
  /** Tells a bug. */
  reportBug(error: unknown): void
}
