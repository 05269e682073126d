// What the supervisor and the order among units see of a process or a oneshot.

import type { ProcessSettings } from '../../config/config.ts'
import type { Reached } from '../../config/dependencies.ts'
import type { StreamLog } from '../log/stream-log.ts'
import type { ExitStatus, HeldSlot } from '../shim/shim.ts'
import type { ProcessInfo, SignalOutcome, StartOutcome, StopOutcome } from './context.ts'
import type { GroupWatch } from './group-watch.ts'
import type { SignalTarget } from './signal-process.ts'
import type { ProcessInput } from './input.ts'

/** How far something is: it is there, it may still come, or why it will not. */
export type Standing = 'there' | 'coming' | { readonly failed: string }

/** A process or a oneshot. */
export interface Unit {
  /** Names its slot at the shim, and the unit in the graph. */
  readonly id: string
  readonly name: string
  readonly group: string
  readonly settings: ProcessSettings
  /** What its processes leave behind. */
  readonly groups: GroupWatch
  /** Its standard input. */
  readonly input: ProcessInput
  /** Whether there is no process and none is on its way. */
  readonly atRest: boolean
  /** Whether it is up or about to be. */
  readonly isUp: boolean
  /** Whether it is on its way down. */
  readonly isStopping: boolean
  /** How far it is on its way to that. `ordered` is there as soon as it is up, or not on its way at all. */
  standing(reached: Reached): Standing
  /** What clients see. */
  info(): ProcessInfo
  /** Starts it; resolves when it is up or has failed. */
  start(): Promise<StartOutcome>
  /** Starts it unless it is up already; failures show in its state. */
  startWithoutWaiting(): void
  /** Stops it; resolves when it is down. */
  stop(): Promise<StopOutcome>
  /** From now on it is not started again by itself, until somebody starts it. Only programs are. */
  once?(): void
  signal(number: number, target?: SignalTarget): Promise<SignalOutcome>
  /** Its output; undefined when none is kept. */
  log(stream: 'stdout' | 'stderr'): StreamLog | undefined
  reopenLogs(): void
  /** From now on it does not start. */
  hold(): void
  /** Stops it for the end of the daemon. */
  shutDown(): Promise<void>
  /** Stops it for good because it is no longer configured. */
  retire(): Promise<void>
  /** SIGKILL to its group now. */
  kill(): void
  /** Lets go of pipes and files; its process must have ended. */
  close(): void
  /** Takes over what the brain before left. False when that was nothing and it begins anew. */
  adopt(held: HeldSlot): boolean
  /** Notes how it is for the brain that may come after this one. */
  remember(): void
  /** Lets go of it as it is: the next brain adopts it. */
  handOver(): void
  /** To be called by whoever hears the shim: its process was reaped. */
  exited(pid: number, status: ExitStatus): void
  untilAtRest(): Promise<void>
}
