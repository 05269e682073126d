// What the state machine speaks of: states, events, effects and the policy. Tagged unions, no behaviour.
// A pid exists only in the states that have a process. supervisord forks in one step; here a spawn is asked of
// the shim and answered later, so STARTING has a part without a pid (`spawning`), and `aborting` is that part
// after a stop was asked for: the process gets its stop signal the moment it exists. `emptying` is the part of
// STOPPING after the process itself has ended, while others of its group still have to.

import type { LogLevel, ProcessSettings } from '../../config/config.ts'
import type { StateName } from '../events/event.ts'
import type { ExitStatus } from '../shim/shim.ts'
import type { Restarts } from './restarts.ts'

/** What `restart` has counted; undefined without that, and when nothing was restarted yet. */
interface Counted {
  readonly restarts?: Restarts | undefined
}

/** Why it is taken down when that is a failure; undefined when somebody wanted it. */
interface Failing {
  readonly failure?: string | undefined
}

/** Where a service is. `tries` is supervisord's backoff counter; times are monotonic. */
export type State =
  | { readonly name: 'stopped'; readonly tries: number }
  | ({ readonly name: 'spawning'; readonly tries: number } & Counted)
  | ({ readonly name: 'aborting'; readonly tries: number; readonly signal: number } & Failing)
  | ({
      readonly name: 'starting'
      readonly tries: number
      readonly pid: number
      readonly startedAtMs: number
    } & Counted)
  | ({ readonly name: 'running'; readonly pid: number; readonly startedAtMs: number } & Counted)
  | ({ readonly name: 'backoff'; readonly tries: number } & Counted)
  | ({ readonly name: 'stopping'; readonly tries: number; readonly pid: number } & Failing)
  /** Its process has ended and `finish` runs; what follows is what `from` makes of that exit. */
  | { readonly name: 'finishing'; readonly from: Mortal; readonly exit: ExitEvent }
  /** `leader` was its pid and still names the group. `told`: the whole group has had a signal. */
  | ({
      readonly name: 'emptying'
      readonly tries: number
      readonly leader: number
      readonly status: ExitStatus
      readonly told: boolean
    } & Failing)
  /** `restarting`: it will be started again when the timer fires. */
  | ({ readonly name: 'exited'; readonly restarting: boolean } & Counted)
  | { readonly name: 'fatal' }
  /** A signal could not be sent; the process may still be there. */
  | { readonly name: 'unknown'; readonly pid: number }

/** The states whose process may end, and the event of that. */
type Mortal = Extract<State, { readonly name: 'starting' | 'running' | 'stopping' | 'unknown' }>
type ExitEvent = Extract<Event, { readonly type: 'exited' }>

/** What can happen to a service. */
export type Event =
  /** Someone wants it up. */
  | { readonly type: 'start' }
  /** Someone wants it down. */
  | { readonly type: 'stop' }
  /** The daemon stops: as `stop`, but a service that waits for its next try is given up. */
  | { readonly type: 'shutdown' }
  /** SIGKILL now. */
  | { readonly type: 'kill' }
  | { readonly type: 'spawned'; readonly pid: number; readonly atMs: number }
  /** `exitCode`: what a shell gives for such a command. */
  | { readonly type: 'spawn-failed'; readonly message: string; readonly exitCode?: number; readonly atMs: number }
  | {
      readonly type: 'exited'
      readonly status: ExitStatus
      readonly atMs: number
      /** When it had become ready. */
      readonly readyAtMs?: number | undefined
      /** When `finish` had ended too; only known after that. */
      readonly finishedAtMs?: number | undefined
    }
  /** `finish` has ended, with this exit code if it came to that. */
  | { readonly type: 'finished'; readonly code: number | undefined; readonly atMs: number }
  /** `stop_command` did not do its work. */
  | { readonly type: 'stop-command-failed'; readonly message: string }
  /** timeout_up is over. */
  | { readonly type: 'too-late'; readonly message: string }
  /** What the last `timer` effect asked for is due. */
  | { readonly type: 'timer' }
  | { readonly type: 'signal-failed'; readonly message: string }
  /** Answers to `await-group`: somebody of the group is there; nobody is. */
  | { readonly type: 'group-left' }
  | { readonly type: 'group-empty' }
  /** The brain before left it in this state, so long ago. Only a service that has done nothing yet hears this. */
  | { readonly type: 'adopted'; readonly state: State; readonly elapsedMs: number }

/** What is to be done; service.ts does it, in this order. A timer ends when the state is left; `stopping` hands it on to `emptying`. */
export type Effect =
  | { readonly type: 'spawn' }
  | { readonly type: 'timer'; readonly afterMs: number }
  | { readonly type: 'signal'; readonly pid: number; readonly signal: number; readonly target: 'process' | 'group' }
  /** Run `finish` for a process that has ended; end it. */
  | { readonly type: 'finish'; readonly pid: number; readonly status: ExitStatus }
  | { readonly type: 'end-finish' }
  | { readonly type: 'stop-command'; readonly pid: number }
  /** It reads what others write: let it come to the end of that. */
  | { readonly type: 'end-input' }
  /** Say whether the group has members, now and whenever that may have changed, until it has none. */
  | { readonly type: 'await-group'; readonly group: number }
  | { readonly type: 'log'; readonly level: LogLevel; readonly message: string }
  /** Its end is to end the daemon, with this exit code. */
  | { readonly type: 'end-daemon'; readonly code: number; readonly reason: string }
  /** Why it does not run, for clients. */
  | { readonly type: 'spawn-error'; readonly message: string }
  /** How the process ended, as clients see it: -1 for a signal, 0 for a failed start. */
  | { readonly type: 'exit-status'; readonly number: number }
  | {
      readonly type: 'announce'
      readonly from: StateName
      readonly to: StateName
      readonly pid: number
      readonly tries: number
      readonly expected: boolean
    }

/** The rules of one service. */
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
  /** False while the daemon stops: nothing starts by itself then. */
  readonly automatic: boolean
}

/** An automatic restart comes at least this long after the start before it; supervisord's loop has the same effect. */
export const RESTART_INTERVAL_MS = 1000

/** The new state and what to do. */
export type Step = readonly [State, ...Effect[]]

/** The state as supervisord and its clients name it. */
export function publicState(state: State): StateName {
  if (state.name === 'emptying') return 'stopping'
  return state.name === 'spawning' || state.name === 'aborting' ? 'starting' : state.name
}

/** The process of a state; 0 when it has none. */
export function pidOf(state: State): number {
  return 'pid' in state ? state.pid : 0
}
