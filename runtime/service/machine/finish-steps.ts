// The steps around `finish`. When a process has ended, `finish` runs first; what follows the exit is decided after it.
// Meanwhile a client may stop the service, and `finish` may forbid a restart. Source: s6 2.15, s6-supervise: finish,
// its exit code 125 and timeout-finish.

import { log } from './effects.ts'
import type { Event, Policy, State, Step } from './state.ts'
import { overdue, toStopping, withoutStart } from './stop-steps.ts'

type With<Tag extends State['name']> = Extract<State, { readonly name: Tag }>
type Of<Type extends Event['type']> = Extract<Event, { readonly type: Type }>
type Mortal = With<'finishing'>['from']
type Ended<From extends Mortal> = (state: From, event: Of<'exited'>, policy: Policy) => Step

/** The exit code of `finish` that forbids a restart. */
const NOT_AGAIN = 125

/** The rules of a process that is not started again. */
export const NEVER_AGAIN = { autorestart: 'false', startretries: -1, restart: undefined } as const

/** The cell for an exit: runs `finish` if there is one, else continues with `follow`. */
export function afterFinish<From extends Mortal>(follow: Ended<From>): Ended<From> {
  return (state, event, policy) => {
    if (policy.finish === undefined) return follow(state, event, policy)
    const { pid } = state
    return [
      { name: 'finishing', from: state, exit: event },
      { type: 'finish', pid, status: event.status },
    ]
  }
}

/** finishing → the state that follows the exit. */
export function finished(follow: Ended<Mortal>) {
  return ({ from, exit }: With<'finishing'>, event: Of<'finished'>, policy: Policy): Step => {
    const isOver = event.code === NOT_AGAIN && from.name !== 'stopping'
    const rules = isOver ? { ...policy, ...NEVER_AGAIN } : policy
    const [next, ...effects] = follow(from, { ...exit, finishedAtMs: event.atMs }, rules)
    const line = log('info', `finish of ${policy.name} ended with ${NOT_AGAIN}: it is not started again`)
    const timer = next.name === 'emptying' ? overdue(policy, 0) : []
    return [next, ...(isOver ? [line] : []), ...effects, ...timer]
  }
}

/** finishing: a client stops the service, so this end counts as a stop. */
export function stoppedMeanwhile({ from, exit }: With<'finishing'>): Step {
  if (from.name === 'unknown') return [{ name: 'finishing', from, exit }]
  const [stopping, ...effects] = toStopping(from)
  return stopping.name === 'stopping' ? [{ name: 'finishing', from: withoutStart(stopping), exit }, ...effects] : [from]
}

/** finishing → the state that follows the exit, without waiting for the end of `finish`. */
export function cutShort(follow: Ended<Mortal>) {
  return (state: With<'finishing'>, event: Event, policy: Policy): Step => {
    const [from, ...effects]: Step = event.type === 'kill' ? stoppedMeanwhile(state) : [state]
    if (from.name !== 'finishing') return [state]
    const [next, ...more] = finished(follow)(from, { type: 'finished', code: undefined, atMs: state.exit.atMs }, policy)
    return [next, ...effects, { type: 'end-finish' }, ...more]
  }
}
