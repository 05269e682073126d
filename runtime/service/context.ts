// What every service needs of the daemon, and what control learns about a service.

import type { LineFormat } from '../../config/model/output.ts'
import type { Group } from '../../config/settings/config.ts'
import type { EventBus } from '../events/bus.ts'
import type { StateName } from '../events/event.ts'
import type { Logger, Sink } from '../log/sink.ts'
import type { Syslog } from '../log/syslog.ts'
import type { ProcessSettings } from '../../config/settings/process.ts'
import type { FcgiSocket } from '../../config/model/roles.ts'
import type { Unexecutable } from '../process/command.ts'
import type { Child, ExitStatus, Shim } from '../shim/shim.ts'
import type { Clock } from '../system/clock.ts'
import type { HealthReport } from './machine/health.ts'
import type { ProcessInput } from './process/input.ts'

/** The order among units, as far as a single unit uses it. */
export interface Order {
  /** Reports that the state of a unit has changed. */
  changed(id: string): void
  /** The dependencies that the start of a unit waits for; undefined when no start waits. */
  waitingFor(id: string): readonly string[] | undefined
  /** Why the last requested start of a unit did not begin. */
  failure(id: string): string | undefined
}

/** Why no process was started. */
export interface NotStarted {
  readonly message: string
  /** The exit code that a shell uses for this: 127 when the command does not exist, else 126. */
  readonly exitCode: number
}

/** How a command ended; a text says why it could not be run. */
export type CommandEnd = ExitStatus | 'timeout' | string

/** A command to run, and for how long at most; 0 = no limit. */
export interface CommandRun {
  /** User, directory, environment and so on, with the command and the settings of its output. */
  readonly settings: ProcessSettings
  readonly timeoutMs: number
  /** Where its output is kept: opened before the start, and attached to the new process. */
  readonly output: { open(): void; attach(child: Child): void }
  /** The slot at the shim; undefined for a new one. */
  readonly slot?: string
  /** Aborting it ends the command early. */
  readonly abort?: AbortSignal
}

/** Runs short commands beside a process. */
export interface CommandRunner {
  /** Runs a command to its end. When it takes too long, its process group is killed. */
  run(run: CommandRun, context: LaunchContext): Promise<CommandEnd>
}

/** The connection between event listeners and their processes. */
export interface ListenerDesk {
  /** From now on events are written to this input. */
  connect(group: string, process: string, input: ProcessInput): void
  /** The process wrote this chunk to its standard output. The chunk is only valid during the call. */
  said(group: string, process: string, chunk: Buffer): void
  /** What the note of the process says about the listener; undefined for other processes. */
  note(group: string, process: string): string | undefined
  /** The process was started by the previous daemon process, which left this note. */
  resume(group: string, process: string, note: string | undefined, isRunning: boolean): void
}

/** The event listeners of a daemon, by group. */
export interface ListenerPools extends ListenerDesk {
  /** Adds the pool of a group of event listeners; other groups have none. It gets events from now on. */
  add(group: Pick<Group, 'name' | 'role' | 'processes'>, identifier: string): void
  /** Removes the pool of a group, if it has one. */
  remove(group: string): void
  /** Resolves when the processes of a group have answered all events that they may still take; at once for other groups. */
  heard(group: string): Promise<void>
}

/** The parts of the daemon that a start needs. */
export type LaunchContext = Pick<
  ServiceContext,
  'serverUrl' | 'daemonEnvironment' | 'shim' | 'log' | 'socket' | 'showsOutput' | 'explainsErrors' | 'remember'
> & {
  /** Its standard input is empty: it gets end of file at once. */
  readonly isMute?: boolean
}

/** What a service knows of the daemon. */
export interface ServiceContext {
  readonly shim: Shim
  /** Writes a note for the next daemon process; undefined when there will be none. */
  readonly remember?: ((id: string, note: string) => void) | undefined
  readonly clock: Clock
  readonly log: Logger
  readonly bus: EventBus
  /** The daemon's own environment. */
  readonly daemonEnvironment: Readonly<Record<string, string | undefined>>
  /** URL of the first server, for SUPERVISOR_SERVER_URL. */
  readonly serverUrl: string | undefined
  /** The daemon's own stdout and stderr, for logfile = /dev/stdout and /dev/stderr. */
  readonly stdout: Sink
  readonly stderr: Sink
  /** Sends lines to syslog; undefined where that is not possible. */
  readonly syslog?: Syslog
  readonly stripAnsi: boolean
  /** How programs without a format of their own write to the daemon's stdout and stderr. */
  readonly outputFormat: LineFormat
  /** Whether the daemon's log shows the output of programs: its level is debug or below. */
  readonly showsOutput?: boolean
  /** Whether messages say more than supervisord's. */
  readonly explainsErrors?: boolean
  /** Directory of AUTO log files, and the identifier in their names. */
  readonly childLogDirectory: string
  readonly identifier: string
  readonly commands: CommandRunner
  /** Keeps the order of starts that are under way at the same time. */
  readonly starts: { inOrder<T>(start: Promise<T>): Promise<T> }
  readonly order: Order
  readonly listeners?: ListenerDesk
  /** The listener socket that processes of a FastCGI program have as standard input. */
  readonly socket?: FcgiSocket | undefined
}

/** The end of one process. Times are wall-clock times. */
export interface Death {
  readonly atMs: number
  readonly status: ExitStatus
}

/** What clients can know about a process. */
export interface ProcessInfo {
  readonly name: string
  readonly group: string
  readonly kind: 'program' | 'oneshot'
  readonly state: StateName
  /** The process is up or is being started, so a start is refused. */
  readonly isUp: boolean
  /** Whether its dependents may start; undefined where only its state decides. */
  readonly ready: boolean | undefined
  /** Its health; undefined where it is not checked. */
  readonly health?: HealthReport | undefined
  /** The status text that it reports (STATUS= of sd_notify); empty when it reports none. */
  readonly statusText: string
  /** The dependencies that its start waits for. */
  readonly waitingFor: readonly string[]
  /** 0 when there is no process. */
  readonly pid: number
  /** Wall-clock time of the last start; 0 = never. */
  readonly startedAtMs: number
  /** Wall-clock time of the last end; 0 = never. */
  readonly stoppedAtMs: number
  readonly nowMs: number
  /** Exit code of the last process: -1 after death by signal, 0 when unknown. */
  readonly exitStatus: number
  /** How the last process ended, where that is known. It is not kept for a oneshot. */
  readonly ended?: ExitStatus | undefined
  /** Whether its rules start it again after the current or the last process. */
  readonly comesBack?: boolean
  /** It is not in the configuration file: it was added while the daemon runs. */
  readonly dynamic?: boolean
  /** Why it does not run; empty when there is no reason to show. */
  readonly spawnError: string
  readonly description: string
  /** The last ends of its processes, the oldest first. */
  readonly deaths: readonly Death[]
  /** Processes of its group that are still running after the process itself ended. */
  readonly survivors: readonly number[]
  /** Path of the log as configured or generated; empty when there is none. */
  readonly stdoutLogfile: string
  readonly stderrLogfile: string
}

/** Result of a start. */
export type StartOutcome =
  'started' | 'needs-failed' | 'already-started' | 'spawn-error' | 'abnormal-termination' | 'not-ready' | Unexecutable

/** Result of a stop. */
export type StopOutcome = 'stopped' | 'not-running' | 'failed' | 'essential'

/** Result of sending a signal. */
export type SignalOutcome = 'signalled' | 'not-running' | 'failed'
