// All events of the runtime, as one union. Readers are control, event listeners, the service directories of s6, and
// others.

import type { Role } from '../../config/model/access.ts'
import type { LogLevel } from '../../config/model/log-level.ts'

/** State of a process, in supervisord's words. `finishing` (s6) is shown in a status, but there is no event for it. */
export type StateName =
  'stopped' | 'starting' | 'running' | 'backoff' | 'stopping' | 'exited' | 'fatal' | 'unknown' | 'finishing'

/** A process went from one state to another. */
export interface ProcessStateEvent {
  readonly type: 'process-state'
  readonly group: string
  readonly name: string
  readonly from: StateName
  readonly to: StateName
  /** 0 when there is no process. */
  readonly pid: number
  /** Failed starts so far; only for `starting` and `backoff`. */
  readonly tries: number
  /** Whether the exit code was one of exitcodes; only for `exited`. */
  readonly expected: boolean
}

/** A group was added or removed. */
export interface GroupEvent {
  readonly type: 'group-added' | 'group-removed'
  readonly group: string
}

/**
 * A configuration was applied: the first one, one that was read again, or one with a group that a client added or
 * removed.
 */
export interface ConfigurationEvent {
  readonly type: 'configuration-applied'
  /** Names of groups. */
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly removed: readonly string[]
}

/** The daemon has started or begins to stop. */
export interface SupervisorEvent {
  readonly type: 'supervisor-state'
  readonly state: 'running' | 'stopping'
}

/** A process has ended whose end also ends the daemon (on_exit, on_fatal, main). */
export interface DaemonEndEvent {
  readonly type: 'daemon-end'
  readonly group: string
  readonly name: string
  /** Exit code of the daemon. */
  readonly code: number
  /** Why, as the rest of the sentence "'web' …". */
  readonly reason: string
}

/** A process wrote output (stdout_events_enabled), or output between the capture tokens. */
export interface ProcessOutputEvent {
  readonly type: 'process-log' | 'process-communication'
  readonly group: string
  readonly name: string
  readonly pid: number
  readonly stream: 'stdout' | 'stderr'
  /** The bytes as written; a copy. */
  readonly data: Buffer
}

/** A client sent a message to the event listeners. Source: supervisor 4.2.5, sendRemoteCommEvent. */
export interface RemoteCommunicationEvent {
  readonly type: 'remote-communication'
  /** The type of the message; the client chooses it. */
  readonly kind: string
  readonly data: string
}

/** A process was started. */
export interface ProcessStartedEvent {
  readonly type: 'process-started'
  readonly group: string
  readonly name: string
  readonly pid: number
}

/** A process has ended. The kernel measured times and memory; they are null where the helper did not report them. */
export interface ProcessExitedEvent {
  readonly type: 'process-exited'
  readonly group: string
  readonly name: string
  readonly pid: number
  /** Exactly one of `code` and `signal` is a number. */
  readonly code: number | null
  readonly signal: number | null
  readonly coreDumped: boolean
  /** Time from its start to its end. */
  readonly livedMs: number
  readonly cpuUserMs: number | null
  readonly cpuSystemMs: number | null
  /** The most memory that the process, or one of its children that it waited for, had at one time. */
  readonly peakMemoryBytes: number | null
}

/** A process has become ready, or reports that it is not ready any more. */
export interface ReadinessEvent {
  readonly type: 'readiness'
  readonly group: string
  readonly name: string
  readonly ready: boolean
}

/** A process has become healthy or unhealthy. */
export interface HealthEvent {
  readonly type: 'health'
  readonly group: string
  readonly name: string
  readonly healthy: boolean
  /** What its check found; empty when it is healthy. */
  readonly reason: string
}

/** A file that a unit watches has changed. */
export interface FileChangedEvent {
  readonly type: 'file-changed'
  readonly group: string
  readonly name: string
  /** As it was written, or below a directory that was written. */
  readonly path: string
  readonly change: 'created' | 'removed' | 'content' | 'target'
  /** Where the path leads now; empty when it is gone. */
  readonly target: string
  readonly action: 'restart' | 'reload' | 'signal' | 'exec'
}

/** A program uses more than it may (max_memory, max_cpu). */
export interface LimitEvent {
  readonly type: 'limit-exceeded'
  readonly group: string
  readonly name: string
  readonly what: 'memory' | 'cpu'
  /** Bytes, or percent of one processor. */
  readonly value: number
  readonly limit: number
  readonly action: 'restart' | 'notify'
}

/** A process reports its status text (STATUS= of sd_notify). */
export interface StatusTextEvent {
  readonly type: 'status-text'
  readonly group: string
  readonly name: string
  readonly text: string
}

/** The start of a unit waits for its dependencies. */
export interface WaitingEvent {
  readonly type: 'waiting'
  readonly group: string
  readonly name: string
  /** Names as users write them: `db`, `workers:w_0`. */
  readonly waitingFor: readonly string[]
}

/** A command of a oneshot was started, or has ended. */
export interface OneshotEvent {
  readonly type: 'oneshot-began' | 'oneshot-ended'
  readonly group: string
  readonly name: string
  /** Which of its two commands. */
  readonly way: 'up' | 'down'
  /** Why it failed; empty when it did not fail, or has only begun. */
  readonly failure: string
}

/** A client has changed something, or was refused it. */
export interface AuditEvent {
  readonly type: 'audit'
  /** The name of a password or token; empty where the server asks for none. */
  readonly who: string
  readonly role: Role
  /** The user of a client of a unix socket; null where it is not known. */
  readonly uid: number | null
  readonly from: string
  readonly action: string
  /** A status of HTTP, or in words. */
  readonly result: string
}

/** A line of the daemon's own log. */
export interface LogEvent {
  readonly type: 'log'
  readonly level: LogLevel
  readonly message: string
  /** The process that the line is about, if it is about one. */
  readonly group?: string | undefined
  readonly name?: string | undefined
}

/** Deliveries to a webhook or a log target fail or lose something, or work again. */
export interface DeliveryEvent {
  readonly type: 'delivery'
  readonly to: 'webhook' | 'log-target'
  /** Its name. */
  readonly target: string
  readonly ok: boolean
  /** Why they fail; empty when they work again. */
  readonly reason: string
  /** How many events or lines were dropped since the last such event. */
  readonly dropped: number
}

/** The status of a unit may have changed: for readers that keep a copy of it, such as the status files of s6. */
export interface UnitChangedEvent {
  readonly type: 'unit-changed'
  /** Id of the unit. */
  readonly id: string
}

/** A stop of the unit was requested, whether it is up or not: for readers that would start it later. */
export interface StopRequestedEvent {
  readonly type: 'stop-requested'
  /** Id of the unit. */
  readonly id: string
}

/** All events, without number and time. */
export type Happening =
  | AuditEvent
  | ConfigurationEvent
  | DaemonEndEvent
  | DeliveryEvent
  | FileChangedEvent
  | GroupEvent
  | HealthEvent
  | LimitEvent
  | LogEvent
  | OneshotEvent
  | ProcessExitedEvent
  | ProcessOutputEvent
  | ProcessStartedEvent
  | ProcessStateEvent
  | ReadinessEvent
  | RemoteCommunicationEvent
  | StatusTextEvent
  | StopRequestedEvent
  | SupervisorEvent
  | UnitChangedEvent
  | WaitingEvent

/**
 * An event with its number and time. Numbers grow by one from event to event. They also grow over restarts of the
 * daemon: its first event has the time of its start in milliseconds as number. An event that the journal does not keep
 * has the number of the event before it.
 */
export type RuntimeEvent = Happening & {
  readonly number: number
  /** Wall-clock time in milliseconds since the epoch. */
  readonly atMs: number
}

/**
 * Types that the journal does not keep: output is in the logs, and when a unit changes or is to stop, other events say
 * what has changed.
 */
const PASSING: ReadonlySet<string> = new Set<Happening['type']>([
  'process-log',
  'process-communication',
  'remote-communication',
  'stop-requested',
  'unit-changed',
])

/** Whether the journal keeps events of that type. */
export function isKept({ type }: Pick<Happening, 'type'>): boolean {
  return !PASSING.has(type)
}
