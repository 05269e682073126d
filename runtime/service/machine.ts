// The state machine of a service: supervisord's, event by event instead of once a second. A table by state,
// then event; a missing cell means "ignored". Each cell lists every state it may lead to, which the tests hold it
// to and draw as machine.matrix.txt. Pure: times come in with events, and what is to be done goes out as effects.
// Source: supervisor 4.2.5, Subprocess.transition, spawn, kill, finish, give_up.

import { adopted } from './adopt.ts'
import type { Event, Policy, State, Step } from './state.ts'
import { afterFinish, cutShort, finished, stoppedMeanwhile } from './finish-steps.ts'
import { neverStarted, tooLate } from './late-steps.ts'
import {
  askedAsGroup,
  began,
  emptied,
  exitedByItself,
  exitedTooSoonOrNot,
  failedStart,
  groupFailed,
  groupKilled,
  killed,
  promoted,
  settled,
  signalFailed,
  spawnedUnwanted,
  started,
  stopOf,
  stopped,
  stoppedBySignal,
} from './steps.ts'

type StateTag = State['name']
type EventType = Event['type']
type StateOf<Tag extends StateTag> = Extract<State, { readonly name: Tag }>
type EventOf<Type extends EventType> = Extract<Event, { readonly type: Type }>

/** What happens in a state at an event. */
export interface Cell<Tag extends StateTag, Type extends EventType> {
  /** Every state that may follow. */
  readonly to: readonly StateTag[]
  step(state: StateOf<Tag>, event: EventOf<Type>, policy: Policy): Step
}

/** The whole table. */
export type Machine = { readonly [Tag in StateTag]: { readonly [Type in EventType]?: Cell<Tag, Type> } }

const START = { to: ['spawning'], step: (state: State) => began(state) } as const
const UNKNOWN_AFTER_SIGNAL = ['unknown'] as const
const STOPPING = ['stopping'] as const
const EMPTYING = ['emptying'] as const
/** What may follow an exit, whichever state it ended. */
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

/** State by state, event by event. */
export const MACHINE: Machine = {
  stopped: { start: START, adopted: { to: ADOPTED, step: adopted } },
  exited: {
    start: { to: ['spawning'], step: () => began({ name: 'exited', restarting: false }) },
    timer: {
      to: ['spawning', 'exited'],
      step: (state, _event, policy) => (policy.automatic ? began(state) : [{ name: 'exited', restarting: false }]),
    },
    'too-late': { to: ['fatal', 'exited'], step: tooLate },
    stop: {
      to: ['stopped', 'exited'],
      step: (state) => (state.restarting ? settled(state, { name: 'stopped', tries: 0 }) : [state]),
    },
    shutdown: { to: ['exited'], step: () => [{ name: 'exited', restarting: false }] },
    kill: { to: ['exited'], step: () => [{ name: 'exited', restarting: false }] },
  },
  fatal: { start: START },
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
    kill: { to: ['aborting'], step: ({ tries }) => [{ name: 'aborting', tries, signal: 9 }] },
    'too-late': { to: ['aborting'], step: tooLate },
    spawned: { to: ['starting', 'running'], step: started },
    'spawn-failed': { to: ['backoff', 'fatal'], step: failedStart },
  },
  aborting: {
    kill: { to: ['aborting'], step: (state) => [{ ...state, signal: 9 }] },
    spawned: { to: STOPPING, step: spawnedUnwanted },
    'spawn-failed': { to: ['stopped', 'fatal'], step: neverStarted },
  },
  starting: {
    stop: { to: STOPPING, step: stopOf },
    shutdown: { to: STOPPING, step: stopOf },
    kill: { to: STOPPING, step: killed },
    timer: { to: ['running'], step: promoted },
    'too-late': { to: STOPPING, step: tooLate },
    exited: {
      to: ['backoff', 'fatal', 'exited', 'spawning', 'finishing'],
      step: afterFinish(exitedTooSoonOrNot),
    },
    'signal-failed': { to: UNKNOWN_AFTER_SIGNAL, step: signalFailed },
  },
  running: {
    stop: { to: STOPPING, step: stopOf },
    shutdown: { to: STOPPING, step: stopOf },
    kill: { to: STOPPING, step: killed },
    'too-late': { to: STOPPING, step: tooLate },
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
    'too-late': { to: ['fatal'], step: tooLate },
    shutdown: { to: ['fatal'], step: (state) => settled(state, { name: 'fatal' }) },
    kill: { to: ['fatal'], step: (state) => settled(state, { name: 'fatal' }) },
  },
  stopping: {
    kill: { to: STOPPING, step: killed },
    timer: { to: STOPPING, step: killed },
    exited: { to: ['stopped', 'fatal', 'emptying', 'finishing'], step: afterFinish(stopped) },
    'stop-command-failed': { to: STOPPING, step: stoppedBySignal },
    'signal-failed': { to: UNKNOWN_AFTER_SIGNAL, step: signalFailed },
  },
  finishing: {
    stop: { to: ['finishing'], step: stoppedMeanwhile },
    shutdown: { to: ['finishing'], step: stoppedMeanwhile },
    'too-late': { to: ['finishing'], step: tooLate },
    kill: { to: ENDED, step: cutShort(ended) },
    timer: { to: ENDED, step: cutShort(ended) },
    finished: { to: ENDED, step: finished(ended) },
  },
  emptying: {
    kill: { to: EMPTYING, step: groupKilled },
    timer: { to: EMPTYING, step: groupKilled },
    'group-left': { to: EMPTYING, step: askedAsGroup },
    'group-empty': { to: ['stopped', 'fatal'], step: emptied },
    'signal-failed': { to: ['stopped', 'fatal'], step: groupFailed },
  },
}

/** What an exit leads to, from whichever state. */
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

/** What follows an event: the next state and what is to be done. An event that the state does not know changes nothing. */
export function step(state: State, event: Event, policy: Policy): Step {
  const cell = MACHINE[state.name][event.type] as Cell<StateTag, EventType> | undefined
  return cell === undefined ? [state] : cell.step(state, event, policy)
}
