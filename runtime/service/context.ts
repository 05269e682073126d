// What every service needs of the daemon around it, and what control learns from a service.

import type { EventBus } from '../events/bus.ts'
import type { StateName } from '../events/event.ts'
import type { Logger, Sink } from '../log/sink.ts'
import type { Syslog } from '../log/syslog.ts'
import type { ProcessSettings } from '../../config/config.ts'
import type { FcgiSocket } from '../../config/roles.ts'
import type { Unexecutable } from '../process/command.ts'
import type { Child, ExitStatus, Shim } from '../shim/shim.ts'
import type { Clock } from '../system/clock.ts'
import type { ProcessInput } from './input.ts'

/** Who waits for whom, as far as a unit has to do with it. */
export interface Order {
  /** A unit may have come further, or no longer be able to. */
  changed(id: string): void
  /** What a unit still waits for before it is started; undefined when it does not wait. */
  waitingFor(id: string): readonly string[] | undefined
  /** Why a unit was not started, though somebody wanted that. */
  failure(id: string): string | undefined
}

/** Why there is no process. */
export interface NotStarted {
  readonly message: string
  /** What a shell gives for it: 127 when the command is not there, else 126. */
  readonly exitCode: number
}

/** How a command went; a text says why it could not be run. */
export type CommandEnd = ExitStatus | 'timeout' | string

/** What is run, and for how long at most; 0 = for ever. */
export interface CommandRun {
  /** User, directory, environment and so on, with the command and where its output goes. */
  readonly settings: ProcessSettings
  readonly timeoutMs: number
  /** Opened before and told of the new process, where its output is kept. */
  readonly output: { open(): void; attach(child: Child): void }
  /** The slot at the shim; one of its own when undefined. */
  readonly slot?: string
  /** Ends it early. */
  readonly abort?: AbortSignal
}

/** Runs short commands beside a process. */
export interface CommandRunner {
  /** Runs a command to its end; when it takes too long its group is killed. */
  run(run: CommandRun, context: LaunchContext): Promise<CommandEnd>
}

/** Where the processes of event listeners are heard and spoken to. */
export interface ListenerDesk {
  /** This is how the process is spoken to. */
  connect(group: string, process: string, input: ProcessInput): void
  /** It has written that to its standard output; only valid during the call. */
  said(group: string, process: string, chunk: Buffer): void
  /** What a note says of it; undefined for other processes. */
  note(group: string, process: string): string | undefined
  /** Its process was there before this brain; `note` is what the brain before noted. */
  resume(group: string, process: string, note: string | undefined, isRunning: boolean): void
}

/** What a start needs of the daemon. */
export type LaunchContext = Pick<ServiceContext, 'serverUrl' | 'daemonEnvironment' | 'shim' | 'log' | 'socket'> & {
  /** Nobody writes to its standard input, which is at its end. */
  readonly isMute?: boolean
}

/** The daemon as a service sees it. */
export interface ServiceContext {
  readonly shim: Shim
  /** Notes how a service is, for a brain that comes after this one; undefined when none will. */
  readonly remember?: ((id: string, note: string) => void) | undefined
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
  readonly commands: CommandRunner
  readonly order: Order
  readonly listeners?: ListenerDesk
  /** What the processes of a FastCGI program have as standard input. */
  readonly socket?: FcgiSocket | undefined
}

/** One end of a process, by the wall clock. */
export interface Death {
  readonly atMs: number
  readonly status: ExitStatus
}

/** What there is to know about a process. */
export interface ProcessInfo {
  readonly name: string
  readonly group: string
  readonly kind: 'program' | 'oneshot'
  readonly state: StateName
  /** It is up or about to be, so a start refuses. */
  readonly isUp: boolean
  /** Whether those that need it may start; undefined where nothing but its state says so. */
  readonly ready: boolean | undefined
  /** What it says of itself (STATUS= of sd_notify); empty where it says nothing. */
  readonly statusText: string
  /** What it waits for before it is started. */
  readonly waitingFor: readonly string[]
  /** 0 when there is no process. */
  readonly pid: number
  /** Epoch of the last start; 0 = never. */
  readonly startedAtMs: number
  /** Epoch of the last end; 0 = never. */
  readonly stoppedAtMs: number
  readonly nowMs: number
  /** Exit code of the last process, -1 after death by signal, 0 when unknown. */
  readonly exitStatus: number
  /** How its last process ended, as far as that is known; of a oneshot it is not kept. */
  readonly ended?: ExitStatus | undefined
  /** When its process ends by itself, or now that it has, it is to be started again as far as its rules say. */
  readonly comesBack?: boolean
  /** Not in the configuration's file: it came while the daemon ran. */
  readonly dynamic?: boolean
  /** Why it does not run; empty when there is nothing to say. */
  readonly spawnError: string
  readonly description: string
  /** Its last ends, the oldest first. */
  readonly deaths: readonly Death[]
  /** Processes of its group that went on after its last one ended. */
  readonly survivors: readonly number[]
  /** Path of the log as configured or made up, empty when there is none. */
  readonly stdoutLogfile: string
  readonly stderrLogfile: string
}

/** How a start went. */
export type StartOutcome =
  'started' | 'needs-failed' | 'already-started' | 'spawn-error' | 'abnormal-termination' | 'not-ready' | Unexecutable

/** How a stop went. */
export type StopOutcome = 'stopped' | 'not-running' | 'failed' | 'essential'

/** How sending a signal went. */
export type SignalOutcome = 'signalled' | 'not-running' | 'failed'
