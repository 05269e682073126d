// What happens in the runtime, for everyone who reacts to it: control, event listeners, service directories of s6.

/** State of a process, in supervisord's words; `finishing`, which is shown but never announced, is s6's. */
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

/** A group came or went. */
export interface GroupEvent {
  readonly type: 'group-added' | 'group-removed'
  readonly group: string
}

/** The daemon has started or begins to stop. */
export interface SupervisorEvent {
  readonly type: 'supervisor-state'
  readonly state: 'running' | 'stopping'
}

/** A process has ended whose end is to end the daemon (on_exit, on_fatal, main). */
export interface DaemonEndEvent {
  readonly type: 'daemon-end'
  readonly group: string
  readonly name: string
  /** Exit code for the daemon. */
  readonly code: number
  /** Completes "'web' …". */
  readonly reason: string
}

/** A process wrote something (stdout_events_enabled), or something between the capture tokens. */
export interface ProcessOutputEvent {
  readonly type: 'process-log' | 'process-communication'
  readonly group: string
  readonly name: string
  readonly pid: number
  readonly stream: 'stdout' | 'stderr'
  /** As written; a copy. */
  readonly data: Buffer
}

/** A client sent something for the listeners. Source: supervisor 4.2.5, sendRemoteCommEvent. */
export interface RemoteCommunicationEvent {
  readonly type: 'remote-communication'
  /** What the client calls it. */
  readonly kind: string
  readonly data: string
}

/** All that is told on the bus. */
export type RuntimeEvent =
  DaemonEndEvent | ProcessStateEvent | GroupEvent | SupervisorEvent | ProcessOutputEvent | RemoteCommunicationEvent
