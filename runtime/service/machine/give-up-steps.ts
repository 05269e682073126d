// The steps of a service that is given up on: it is stopped as by a client, and is FATAL afterwards. The reasons are
// timeout_up and bad health. Source: s6-rc 0.7, s6-rc change: what is not up within its timeout-up is brought down and
// counts as failed.

import { log } from './effects.ts'
import { stoppedMeanwhile } from './finish-steps.ts'
import { givenUp } from './retry-steps.ts'
import type { Effect, Event, Policy, State, Step } from './state.ts'
import { settled } from './steps.ts'
import { startedNext, stopOf } from './stop-steps.ts'

type With<Tag extends State['name']> = Extract<State, { readonly name: Tag }>
type Of<Type extends Event['type']> = Extract<Event, { readonly type: Type }>

/** Any state on the way up → on the way down, depending on its process. */
export function givenUpOn(
  state: With<'spawning' | 'starting' | 'running' | 'finishing' | 'backoff' | 'exited'>,
  event: Of<'give-up'>,
  policy: Policy,
): Step {
  const { message: failure } = event
  const said: readonly Effect[] = [{ type: 'spawn-error', message: failure }, log('warn', `${policy.name} ${failure}`)]
  switch (state.name) {
    case 'spawning':
      return [{ name: 'aborting', tries: state.tries, signal: policy.stopsignal, failure }, ...said]
    case 'exited':
      return state.restarting ? after(said, givenUp('exited', failure, policy)) : [state]
    case 'backoff':
      return after(said, givenUp('backoff', failure, policy))
    case 'finishing':
      return state.from.name === 'stopping' ? [state] : after(said, failing(stoppedMeanwhile(state), failure))
    case 'starting':
    case 'running':
      return after(said, failing(stopOf(state, event, policy), failure))
    default:
      return state satisfies never
  }
}

/** aborting → stopped or fatal: there is no process to stop. */
export function neverStarted(state: With<'aborting'>, { message }: Of<'spawn-failed'>, policy: Policy): Step {
  const { tries, failure, thenStart } = state
  const said: readonly Effect[] = [
    { type: 'spawn-error', message: failure ?? message },
    log('info', `spawnerr: ${message}`),
  ]
  if (failure !== undefined) return startedNext(after(said, givenUp('starting', failure, policy)), thenStart, policy)
  const [stopped, ...effects] = settled(state, { name: 'stopped', tries })
  return startedNext([stopped, ...effects, ...said], thenStart, policy)
}

function after(first: readonly Effect[], [state, ...effects]: Step): Step {
  return [state, ...first, ...effects]
}

/** The same step, with the failure kept for the end of the way down. */
function failing([state, ...effects]: Step, failure: string): Step {
  if (state.name === 'stopping') return [{ ...state, failure }, ...effects]
  if (state.name !== 'finishing' || state.from.name !== 'stopping') return [state, ...effects]
  return [{ ...state, from: { ...state.from, failure } }, ...effects]
}
