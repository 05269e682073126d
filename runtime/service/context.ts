// What every service needs of the daemon around it, and what control learns from a service.

import type { EventBus } from '../events/bus.ts'
import type { StateName } from '../events/event.ts'
import type { Logger, Sink } from '../log/sink.ts'
import type { Syslog } from '../log/syslog.ts'
import type { Shim } from '../shim/shim.ts'
import type { Clock } from '../system/clock.ts'

/** The daemon as a service sees it. */
export interface ServiceContext {
  readonly shim: Shim
  readonly clock: Clock
  readonly log: Logger
  readonly bus: EventBus
  /** The daemon's own environment. */
  readonly daemonEnvironment: Readonly<Record<string, string | undefined>>
  /** URL of the first server, for SUPERVISOR_SERVER_URL. */
  readonly serverUrl: string | undefined
  /** The daemon's own streams, for logfile = /dev/stdout and /dev/stderr. */
  readonly stdout: Sink
  readonly stderr: Sink
  /** Takes lines for syslog; undefined where nothing can be sent. */
  readonly syslog?: Syslog
  readonly stripAnsi: boolean
  /** Where AUTO log files go, and what their names carry. */
  readonly childLogDirectory: string
  readonly identifier: string
}

/** What there is to know about a process. */
export interface ProcessInfo {
  readonly name: string
  readonly group: string
  readonly state: StateName
  /** 0 when there is no process. */
  readonly pid: number
  /** Epoch of the last start; 0 = never. */
  readonly startedAtMs: number
  /** Epoch of the last end; 0 = never. */
  readonly stoppedAtMs: number
  readonly nowMs: number
  /** Exit code of the last process, -1 after death by signal, 0 when unknown. */
  readonly exitStatus: number
  /** Why it does not run; empty when there is nothing to say. */
  readonly spawnError: string
  readonly description: string
  /** Processes of its group that went on after its last one ended. */
  readonly survivors: readonly number[]
  /** Path of the log as configured or made up, empty when there is none. */
  readonly stdoutLogfile: string
  readonly stderrLogfile: string
}

/** How a start went. */
export type StartOutcome =
  'started' | 'already-started' | 'spawn-error' | 'abnormal-termination' | 'no-file' | 'not-executable'

/** How a stop went. */
export type StopOutcome = 'stopped' | 'not-running'

/** How sending a signal went. */
export type SignalOutcome = 'signalled' | 'not-running' | 'failed'
