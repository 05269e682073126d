// The steps of a restart. A restart is a single event: the state that follows says that a start comes after the stop
// (`thenStart`), so the client need not ask for the start. Without a process a restart is a start. A stop, a shutdown
// or a kill on the way down cancels the start; a later restart requests it again.

import { log } from './effects.ts'
import { stoppedMeanwhile } from './finish-steps.ts'
import type { Event, Policy, State, Step } from './state.ts'
import { settled } from './steps.ts'
import { stopOf, withoutStart } from './stop-steps.ts'

type With<Tag extends State['name']> = Extract<State, { readonly name: Tag }>

/**
 * Any state without a process → spawning. The counter of failed tries is kept; the counters of automatic restarts begin
 * anew.
 */
export function startedAgain(state: With<'stopped' | 'exited' | 'fatal' | 'backoff'>): Step {
  const tries = 'tries' in state ? state.tries : 0
  return [...settled(state, { name: 'spawning', tries }, { tries }), { type: 'spawn' }]
}

/** spawning → aborting: the process is stopped as soon as it exists, and another one is started. */
export function abortedToStart({ tries }: With<'spawning'>, _event: Event, { stopsignal }: Policy): Step {
  return [{ name: 'aborting', tries, signal: stopsignal, thenStart: true }]
}

/** starting, running → stopping, as by a stop. */
export function stoppedToStart(state: With<'starting' | 'running'>, event: Event, policy: Policy): Step {
  const [stopping, ...effects] = stopOf(state, event, policy)
  return [toStart(stopping), ...effects]
}

/** finishing: the service is down when `finish` has ended, and is started then. */
export function finishedToStart(state: With<'finishing'>): Step {
  const [next, ...effects] = stoppedMeanwhile(state)
  return [next.name === 'finishing' ? { ...next, from: toStart(next.from) } : next, ...effects]
}

/** On its way down: it is started when it is down. */
export function startFollows(state: With<'aborting' | 'stopping' | 'emptying'>): Step {
  return [state.thenStart === true ? state : { ...state, thenStart: true }]
}

/** On its way down: it is not started afterwards. */
export function startCancelled(
  state: With<'aborting' | 'stopping' | 'emptying'>,
  _event: Event,
  { name }: Policy,
): Step {
  if (state.thenStart !== true && state.relapse === undefined) return [state]
  return [withoutStart(state), log('info', `${name} is not started again: it was stopped meanwhile`)]
}

function toStart<Any extends State>(state: Any): Any {
  return state.name === 'stopping' ? { ...state, thenStart: true } : state
}
