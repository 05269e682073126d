// What the supervisor and the sequencer know of a process or a oneshot.

import type { ProcessSettings } from '../../config/settings/process.ts'
import type { Reached } from '../../config/model/dependencies.ts'
import type { TimedLog } from '../log/stream-log.ts'
import type { Variable } from '../process/environment.ts'
import type { ExitStatus, InheritedSlot, Usage } from '../shim/shim.ts'
import type { CommandEnd, ProcessInfo, SignalOutcome, StartOutcome, StopOutcome } from './context.ts'
import type { GroupWatch } from './process/group-watch.ts'
import type { SignalTarget } from './process/signal-process.ts'
import type { ProcessInput } from './process/input.ts'

/** How far something is: it is there, it may still come, or why it will not. */
export type Standing = 'there' | 'coming' | { readonly failed: string }

/** A process or a oneshot. */
export interface Unit {
  /** Id of the unit in the graph, and of its slot at the shim. */
  readonly id: string
  readonly name: string
  readonly group: string
  readonly settings: ProcessSettings
  /** Takes over the settings that are applied while its process runs. */
  follow(wanted: ProcessSettings): void
  /** The process groups that its processes leave behind. */
  readonly groups: GroupWatch
  /** Its standard input. */
  readonly input: ProcessInput
  /** Whether there is no process and none is being started. */
  readonly atRest: boolean
  /** Whether it is up or is being started. */
  readonly isUp: boolean
  /** Whether it is on its way down. */
  readonly isStopping: boolean
  /** How far it is on the way to `reached`. `ordered` is there as soon as the unit is up, or is not being started. */
  standing(reached: Reached): Standing
  /** Its status for clients. */
  info(): ProcessInfo
  /** Starts it. Resolves when it is up or has failed. */
  start(): Promise<StartOutcome>
  /** Starts it unless it is up already. A failure is visible in its state. */
  startWithoutWaiting(): void
  /** Stops it. Resolves when it is down. */
  stop(): Promise<StopOutcome>
  /**
   * Stops it if it is up, and starts it. This is a single event: both parts are carried out also if the client goes
   * away. Resolves as start(), and with `abnormal-termination` also when a stop or the end of the daemon came in
   * between.
   */
  restart(): Promise<StartOutcome>
  /** Ends `up` if it is running: who waited for it waits no longer. Only oneshots have this. */
  giveUp?(): void
  /** From now on it is not restarted automatically, until a client starts it. Only programs have this. */
  once?(): void
  signal(number: number, target?: SignalTarget): Promise<SignalOutcome>
  /** The log of a stream; undefined when it is not kept. */
  log(stream: 'stdout' | 'stderr'): TimedLog | undefined
  /** Calls the listener with all output of a stream, kept or not; chunks are only valid during the call. Gives a function that ends it. */
  tap(stream: 'stdout' | 'stderr', listener: (chunk: Buffer) => void): () => void
  reopenLogs(): void
  /** From now on it cannot be started. */
  forbidStart(): void
  /** Stops it because the daemon ends. */
  shutDown(): Promise<void>
  /** Stops it for good because it is not configured any more. */
  retire(): Promise<void>
  /** Sends SIGKILL to its group now. */
  kill(): void
  /** Closes pipes and files; its process must have ended. */
  close(): void
  /** Takes over a slot of the previous daemon process. False when the slot says nothing and the unit begins anew. */
  adopt(inherited: InheritedSlot): boolean
  /** Writes its note for the next daemon process. */
  remember(): void
  /** Closes pipes and timers and leaves the process running: the next daemon process adopts it. */
  handOver(): void
  /** The shim reports: a process of this unit was reaped. */
  exited(pid: number, status: ExitStatus, usage?: Usage): void
  /**
   * Runs a command with the user, directory and environment of the unit, and these further variables. Its output is
   * discarded. Resolves with its end.
   */
  runBeside(command: string | readonly string[], variables: Readonly<Record<string, string>>): Promise<CommandEnd>
  /** The environment that a process of it gets, and where each variable comes from. */
  environment(): readonly Variable[]
  /** Resolves when there is no process and none is being started. */
  untilAtRest(): Promise<void>
  /** Resolves when no process of it is being made: the newest one has its pid, or could not be made. */
  untilSpawned(): Promise<void>
  /** Resolves when it is not on its way down: at rest, or being started again. */
  untilDown(): Promise<void>
}
