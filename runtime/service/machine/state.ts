// The types of the state machine: states, events, effects and the policy. Tagged unions, no behaviour. A pid exists
// only in states that have a process. supervisord forks in one step; here the shim is asked and answers later, so
// STARTING has a part without a pid, `spawning`. `aborting` is that part after a stop was requested: the process gets
// its stop signal as soon as it exists. `emptying` is the part of STOPPING after the process itself has ended, while
// other processes of its group are still running.

import type { LogLevel } from '../../../config/model/log-level.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import type { StateName } from '../../events/event.ts'
import type { ExitStatus } from '../../shim/shim.ts'
import type { Restarts } from './restarts.ts'

/** The counters of the rule `restart`; undefined without the rule, and before the first restart. */
export interface Counted {
  readonly restarts?: Restarts | undefined
}

/** A process that is stopped because it is unhealthy. What follows is decided as after an unexpected exit. */
export interface Relapse extends Counted {
  /** When it was found unhealthy, and how long it had lived until then. */
  readonly atMs: number
  readonly livedMs: number
}

/** What follows when a service is down. */
interface Descending {
  /** Why it is taken down, when that is a failure: it is FATAL afterwards. Undefined after a request of a client. */
  readonly failure?: string | undefined
  /** It is being restarted: it is started when it is down. A stop, a shutdown or a kill meanwhile cancels that. */
  readonly thenStart?: boolean | undefined
  /** Undefined unless its health ended it. A stop, a shutdown or a kill meanwhile cancels what follows. */
  readonly relapse?: Relapse | undefined
}

/** The state of a service. `tries` is supervisord's backoff counter; times are monotonic. */
export type State =
  | { readonly name: 'stopped'; readonly tries: number }
  | ({ readonly name: 'spawning'; readonly tries: number } & Counted)
  | ({ readonly name: 'aborting'; readonly tries: number; readonly signal: number } & Descending)
  | ({
      readonly name: 'starting'
      readonly tries: number
      readonly pid: number
      readonly startedAtMs: number
    } & Counted)
  | ({ readonly name: 'running'; readonly pid: number; readonly startedAtMs: number } & Counted)
  | ({ readonly name: 'backoff'; readonly tries: number } & Counted)
  | ({ readonly name: 'stopping'; readonly tries: number; readonly pid: number } & Descending)
  /**
   * The process has ended and `finish` is running. `from` was the state of the process; it decides what follows the
   * exit.
   */
  | { readonly name: 'finishing'; readonly from: Mortal; readonly exit: ExitEvent }
  /** `leader` was the pid of the process and still names the group. `told`: the whole group was signalled. */
  | ({
      readonly name: 'emptying'
      readonly tries: number
      readonly leader: number
      readonly status: ExitStatus
      readonly told: boolean
    } & Descending)
  /** `restarting`: it is started again when the timer is due. */
  | ({ readonly name: 'exited'; readonly restarting: boolean } & Counted)
  | { readonly name: 'fatal' }
  /** A signal could not be sent; the process may still be running. */
  | { readonly name: 'unknown'; readonly pid: number }

/** The states whose process may end, and the event of that end. */
type Mortal = Extract<State, { readonly name: 'starting' | 'running' | 'stopping' | 'unknown' }>
type ExitEvent = Extract<Event, { readonly type: 'exited' }>

/** The events of a service. */
export type Event =
  /** A request to start it. */
  | { readonly type: 'start' }
  /** A request to stop it. */
  | { readonly type: 'stop' }
  /**
   * A request for a new process: stops it if it is up, then starts it. Both are carried out also if the client goes
   * away.
   */
  | { readonly type: 'restart' }
  /** The daemon stops: as `stop`, but a service that waits for its next try becomes FATAL. */
  | { readonly type: 'shutdown' }
  /** SIGKILL now. */
  | { readonly type: 'kill' }
  | { readonly type: 'spawned'; readonly pid: number; readonly atMs: number }
  /** `exitCode`: what a shell uses for such a command. */
  | { readonly type: 'spawn-failed'; readonly message: string; readonly exitCode?: number; readonly atMs: number }
  | {
      readonly type: 'exited'
      readonly status: ExitStatus
      readonly atMs: number
      /** When it had become ready. */
      readonly readyAtMs?: number | undefined
      /** When `finish` had ended; undefined before that. */
      readonly finishedAtMs?: number | undefined
    }
  /** `finish` has ended; `code` is its exit code, if it exited. */
  | { readonly type: 'finished'; readonly code: number | undefined; readonly atMs: number }
  /** `stop_command` has failed. */
  | { readonly type: 'stop-command-failed'; readonly message: string }
  /** It is given up, because timeout_up is over or because it is unhealthy: it is stopped, and FATAL afterwards. */
  | { readonly type: 'give-up'; readonly message: string }
  /** It is unhealthy: it is stopped, and restarted as after an unexpected exit. */
  | { readonly type: 'relapse'; readonly message: string; readonly atMs: number }
  /** The time of the last `timer` effect is over. */
  | { readonly type: 'timer' }
  | { readonly type: 'signal-failed'; readonly message: string }
  /** Answers to `await-group`: the group has members, or it has none. */
  | { readonly type: 'group-left' }
  | { readonly type: 'group-empty' }
  /** The previous daemon process left it in this state, `elapsedMs` ago. Only the first event can be of this type. */
  | { readonly type: 'adopted'; readonly state: State; readonly elapsedMs: number }

/** What is to be done; service.ts does it, in this order. A timer is cancelled when its state is left (keepsTimer). */
export type Effect =
  | { readonly type: 'spawn' }
  | { readonly type: 'timer'; readonly afterMs: number }
  | { readonly type: 'signal'; readonly pid: number; readonly signal: number; readonly target: 'process' | 'group' }
  /** Runs `finish` for a process that has ended, or ends it. */
  | { readonly type: 'finish'; readonly pid: number; readonly status: ExitStatus }
  | { readonly type: 'end-finish' }
  | { readonly type: 'stop-command'; readonly pid: number }
  /** The service reads a pipe of other services: its input gets end of file. */
  | { readonly type: 'end-input' }
  /** Reports whether the group has members, now and at each possible change, until it has none. */
  | { readonly type: 'await-group'; readonly group: number }
  | { readonly type: 'log'; readonly level: LogLevel; readonly message: string }
  /** The end of this service ends the daemon, with this exit code. */
  | { readonly type: 'end-daemon'; readonly code: number; readonly reason: string }
  /** Why it does not run, for clients. */
  | { readonly type: 'spawn-error'; readonly message: string }
  /** How the process ended, for clients: -1 for a signal, 0 for a failed start. */
  | { readonly type: 'exit-status'; readonly number: number }
  | {
      readonly type: 'announce'
      readonly from: StateName
      readonly to: StateName
      readonly pid: number
      readonly tries: number
      readonly expected: boolean
    }

/** The settings that the machine uses. */
export interface Policy extends Pick<
  ProcessSettings,
  | 'name'
  | 'startsecs'
  | 'startretries'
  | 'restart'
  | 'autorestart'
  | 'exitcodes'
  | 'finish'
  | 'timeout_finish'
  | 'stopsignal'
  | 'stopwaitsecs'
  | 'timeout_kill'
  | 'stop_command'
  | 'stopasgroup'
  | 'killasgroup'
  | 'on_exit'
  | 'on_fatal'
  | 'exit_code'
  | 'exit_signal_base'
  | 'is_logger'
> {
  /** False while the daemon stops: then nothing is started automatically. */
  readonly automatic: boolean
  /** A random number from 0 to 1, for the jitter of restarts. */
  readonly chance?: number
}

/** An automatic restart comes at least this long after the start before it. supervisord's loop has the same effect. */
export const RESTART_INTERVAL_MS = 1000

/** The new state and the effects. */
export type Step = readonly [State, ...Effect[]]

/** The state under the name that supervisord and its clients use. */
export function publicState(state: State): StateName {
  if (state.name === 'emptying') return 'stopping'
  return state.name === 'spawning' || state.name === 'aborting' ? 'starting' : state.name
}

/** Whether it is being restarted and is still on its way down. */
export function isRestarting(state: State): boolean {
  if (state.name === 'finishing') return isRestarting(state.from)
  return ('thenStart' in state && state.thenStart === true) || ('relapse' in state && state.relapse !== undefined)
}

/** Whether a timer of `from` continues in `to`: the time limits of a stop and of `finish` are not started again. */
export function keepsTimer(from: State, to: State): boolean {
  return to.name === 'emptying' || (to.name === from.name && (to.name === 'stopping' || to.name === 'finishing'))
}

/** The pid in a state; 0 when there is none. */
export function pidOf(state: State): number {
  return 'pid' in state ? state.pid : 0
}
