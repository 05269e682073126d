// Effects that many steps of the state machine have.

import type { StateName } from '../events/event.ts'
import type { Restarts } from './restarts.ts'
import type { Effect, State } from './state.ts'

/** Tells everyone of a new state. */
export function announce(
  from: StateName,
  to: StateName,
  { pid = 0, tries = 0, expected = false }: { pid?: number; tries?: number; expected?: boolean },
): Effect {
  return { type: 'announce', from, to, pid, tries, expected }
}

/** A line for the log. */
export function log(level: Extract<Effect, { type: 'log' }>['level'], message: string): Effect {
  return { type: 'log', level, message }
}

/** What `restart` has counted, for the state that follows. */
export function counted(state: State): { readonly restarts?: Restarts } {
  return 'restarts' in state && state.restarts !== undefined ? { restarts: state.restarts } : {}
}
