// Effects that both state machines use.

import type { StateName } from '../../events/event.ts'
import type { Restarts } from './restarts.ts'
import type { Effect, State } from './state.ts'

/** Effects that both machines can cause. */
export type SharedEffect = Extract<Effect, { readonly type: (typeof SHARED)[number] }>

const SHARED = ['timer', 'log', 'announce', 'spawn-error', 'exit-status'] as const

/** Whether both machines can cause the effect. */
export function isSharedEffect<Own>(effect: Own | SharedEffect): effect is SharedEffect {
  return SHARED.some((type) => type === (effect as SharedEffect).type)
}

/** The event about a new state. */
export function announce(
  from: StateName,
  to: StateName,
  { pid = 0, tries = 0, expected = false }: { pid?: number; tries?: number; expected?: boolean },
): Effect {
  return { type: 'announce', from, to, pid, tries, expected }
}

/** A line in the daemon's log. */
export function log(level: Extract<Effect, { type: 'log' }>['level'], message: string): Effect {
  return { type: 'log', level, message }
}

/** The counters of the rule `restart`, for the next state. */
export function counted(state: State): { readonly restarts?: Restarts } {
  return 'restarts' in state && state.restarts !== undefined ? { restarts: state.restarts } : {}
}
