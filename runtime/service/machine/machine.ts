// The state machine of a service. Its states are those of supervisord, but it reacts to events, where supervisord looks
// at every process once a second. It is a table: for each state and event, a cell with the step to take. An event
// without a cell is ignored. Source: supervisor 4.2.5, Subprocess.transition, spawn, kill, finish, give_up.
//
// The problem: requests of clients, ends of processes, answers of the helper and timers come in any order. supervisord
// forks by itself, so it always knows the pid. Here the helper starts the process and answers later. So every event
// must be defined in every state in which it can arrive.
//
// What always holds:
// - A pid exists only in the states that have a process, or a process group that has outlived its leader.
// - A timer belongs to the state that set it. It is cancelled when that state is left (keepsTimer lists the
//   exceptions).
// - A step is a pure function. Times come with events; what is to be done is returned as a list of effects, in order.
//
// The races, and the state that handles each:
// - A stop arrives before the helper has answered the start: `aborting`. The process gets its stop signal with
//   `spawned`.
// - A start arrives while the process is being stopped: it is ignored here; the sequencer keeps it. A `restart` is kept
//   in the state (`thenStart`), so nothing that happens between its stop and its start can lose it. A stop, a shutdown
//   or a kill cancels that start.
// - The process has ended, but others of its group have not: `emptying` waits for the group, which is still named by
//   that pid.
// - The process has ended and `finish` is running: `finishing` keeps the exit. What follows is decided once, when
//   `finish` has ended.
// - A signal cannot be sent: `unknown`, because the process may still be running. Its end is handled as usual.
//
// Why a table: each cell lists all states that may follow. The tests compare the code with these lists and draw them as
// machine.matrix.txt, so a change of behaviour is visible in a review as a changed line.

import { adopted } from './adopted-steps.ts'
import type { Event, Policy, State, Step } from './state.ts'
import { relapsed } from './relapse-steps.ts'
import { afterFinish, cutShort, finished, stoppedMeanwhile } from './finish-steps.ts'
import { neverStarted, givenUpOn } from './give-up-steps.ts'
import {
  abortedToStart,
  finishedToStart,
  startCancelled,
  startedAgain,
  startFollows,
  stoppedToStart,
} from './restart-steps.ts'
import { began, exitedByItself, exitedTooSoonOrNot, failedStart, promoted, settled, started } from './steps.ts'
import {
  askedAsGroup,
  emptied,
  groupFailed,
  groupKilled,
  killed,
  signalFailed,
  spawnedUnwanted,
  stopOf,
  stopped,
  stoppedBySignal,
  withoutStart,
} from './stop-steps.ts'

type StateTag = State['name']
type EventType = Event['type']
type StateOf<Tag extends StateTag> = Extract<State, { readonly name: Tag }>
type EventOf<Type extends EventType> = Extract<Event, { readonly type: Type }>

/** The step for an event in a state. */
export interface Cell<Tag extends StateTag, Type extends EventType> {
  /** All states that may follow. */
  readonly to: readonly StateTag[]
  step(state: StateOf<Tag>, event: EventOf<Type>, policy: Policy): Step
}

/** The whole table. */
export type Machine = { readonly [Tag in StateTag]: { readonly [Type in EventType]?: Cell<Tag, Type> } }

const START = { to: ['spawning'], step: (state: State) => began(state) } as const
const AGAIN = { to: ['spawning'], step: startedAgain } as const
const UNKNOWN_AFTER_SIGNAL = ['unknown'] as const
const STOPPING = ['stopping'] as const
const EMPTYING = ['emptying'] as const
/** The states that may follow a stop. */
const DOWN = ['stopped', 'exited', 'fatal', 'spawning'] as const
/** The states that may follow an exit. */
const ENDED = ['backoff', 'fatal', 'exited', 'spawning', 'stopped', 'emptying'] as const
const ADOPTED = [
  'stopped',
  'spawning',
  'starting',
  'running',
  'backoff',
  'stopping',
  'emptying',
  'finishing',
  'exited',
  'fatal',
  'unknown',
] as const

/** The table: for each state, a cell for each event. */
export const MACHINE: Machine = {
  stopped: { start: START, restart: AGAIN, adopted: { to: ADOPTED, step: adopted } },
  exited: {
    start: { to: ['spawning'], step: () => began({ name: 'exited', restarting: false }) },
    restart: AGAIN,
    timer: {
      to: ['spawning', 'exited'],
      step: (state, _event, policy) => (policy.automatic ? began(state) : [{ name: 'exited', restarting: false }]),
    },
    'give-up': { to: ['fatal', 'exited'], step: givenUpOn },
    stop: {
      to: ['stopped', 'exited'],
      step: (state) => (state.restarting ? settled(state, { name: 'stopped', tries: 0 }) : [state]),
    },
    shutdown: { to: ['exited'], step: () => [{ name: 'exited', restarting: false }] },
    kill: { to: ['exited'], step: () => [{ name: 'exited', restarting: false }] },
  },
  fatal: { start: START, restart: AGAIN },
  unknown: {
    exited: { to: ['exited', 'finishing'], step: afterFinish(exitedByItself) },
    kill: {
      to: ['unknown'],
      step: (state) => [state, { type: 'signal', pid: state.pid, signal: 9, target: 'group' }],
    },
  },
  spawning: {
    stop: {
      to: ['aborting'],
      step: ({ tries }, _, { stopsignal }) => [{ name: 'aborting', tries, signal: stopsignal }],
    },
    shutdown: {
      to: ['aborting'],
      step: ({ tries }, _, { stopsignal }) => [{ name: 'aborting', tries, signal: stopsignal }],
    },
    restart: { to: ['aborting'], step: abortedToStart },
    kill: { to: ['aborting'], step: ({ tries }) => [{ name: 'aborting', tries, signal: 9 }] },
    'give-up': { to: ['aborting'], step: givenUpOn },
    spawned: { to: ['starting', 'running'], step: started },
    'spawn-failed': { to: ['backoff', 'fatal'], step: failedStart },
  },
  aborting: {
    stop: { to: ['aborting'], step: startCancelled },
    shutdown: { to: ['aborting'], step: startCancelled },
    restart: { to: ['aborting'], step: startFollows },
    kill: { to: ['aborting'], step: (state) => [{ ...withoutStart(state), signal: 9 }] },
    spawned: { to: STOPPING, step: spawnedUnwanted },
    'spawn-failed': { to: ['stopped', 'fatal', 'spawning'], step: neverStarted },
  },
  starting: {
    stop: { to: STOPPING, step: stopOf },
    shutdown: { to: STOPPING, step: stopOf },
    restart: { to: STOPPING, step: stoppedToStart },
    kill: { to: STOPPING, step: killed },
    timer: { to: ['running'], step: promoted },
    'give-up': { to: STOPPING, step: givenUpOn },
    relapse: { to: STOPPING, step: relapsed },
    exited: {
      to: ['backoff', 'fatal', 'exited', 'spawning', 'finishing'],
      step: afterFinish(exitedTooSoonOrNot),
    },
    'signal-failed': { to: UNKNOWN_AFTER_SIGNAL, step: signalFailed },
  },
  running: {
    stop: { to: STOPPING, step: stopOf },
    shutdown: { to: STOPPING, step: stopOf },
    restart: { to: STOPPING, step: stoppedToStart },
    kill: { to: STOPPING, step: killed },
    'give-up': { to: STOPPING, step: givenUpOn },
    relapse: { to: STOPPING, step: relapsed },
    exited: { to: ['exited', 'spawning', 'fatal', 'finishing'], step: afterFinish(exitedByItself) },
    'signal-failed': { to: UNKNOWN_AFTER_SIGNAL, step: signalFailed },
  },
  backoff: {
    timer: {
      to: ['spawning', 'backoff'],
      step: (state, _event, policy) => (policy.automatic ? began(state) : [state]),
    },
    stop: {
      to: ['stopped'],
      step: (state, _event, { name }) => [
        ...settled(state, { name: 'stopped', tries: state.tries }),
        { type: 'log', level: 'debug', message: `Attempted to kill ${name}, which is in BACKOFF state.` },
      ],
    },
    restart: AGAIN,
    'give-up': { to: ['fatal'], step: givenUpOn },
    shutdown: { to: ['fatal'], step: (state) => settled(state, { name: 'fatal' }) },
    kill: { to: ['fatal'], step: (state) => settled(state, { name: 'fatal' }) },
  },
  stopping: {
    stop: { to: STOPPING, step: startCancelled },
    shutdown: { to: STOPPING, step: startCancelled },
    restart: { to: STOPPING, step: startFollows },
    kill: { to: STOPPING, step: killed },
    timer: { to: STOPPING, step: killed },
    exited: { to: [...DOWN, 'emptying', 'finishing'], step: afterFinish(stopped) },
    'stop-command-failed': { to: STOPPING, step: stoppedBySignal },
    'signal-failed': { to: UNKNOWN_AFTER_SIGNAL, step: signalFailed },
  },
  finishing: {
    stop: { to: ['finishing'], step: stoppedMeanwhile },
    shutdown: { to: ['finishing'], step: stoppedMeanwhile },
    restart: { to: ['finishing'], step: finishedToStart },
    'give-up': { to: ['finishing'], step: givenUpOn },
    kill: { to: ENDED, step: cutShort(ended) },
    timer: { to: ENDED, step: cutShort(ended) },
    finished: { to: ENDED, step: finished(ended) },
  },
  emptying: {
    stop: { to: EMPTYING, step: startCancelled },
    shutdown: { to: EMPTYING, step: startCancelled },
    restart: { to: EMPTYING, step: startFollows },
    kill: { to: EMPTYING, step: groupKilled },
    timer: { to: EMPTYING, step: groupKilled },
    'group-left': { to: EMPTYING, step: askedAsGroup },
    'group-empty': { to: DOWN, step: emptied },
    'signal-failed': { to: DOWN, step: groupFailed },
  },
}

/** The step after an exit, from any state. */
function ended(state: StateOf<'finishing'>['from'], event: EventOf<'exited'>, policy: Policy): Step {
  switch (state.name) {
    case 'starting':
      return exitedTooSoonOrNot(state, event, policy)
    case 'stopping':
      return stopped(state, event, policy)
    case 'running':
    case 'unknown':
      return exitedByItself(state, event, policy)
    default:
      return state satisfies never
  }
}

/** The next state after an event, and the effects. An event without a cell changes nothing. */
export function step(state: State, event: Event, policy: Policy): Step {
  const cell = MACHINE[state.name][event.type] as Cell<StateTag, EventType> | undefined
  return cell === undefined ? [state] : cell.step(state, event, policy)
}
