// The step of a service that is unhealthy: it is stopped as by a client. When it is down, its restart rules decide as
// after an unexpected exit, with their delays and limits. A stop, a shutdown or a kill on the way down cancels that.

import { counted, log } from './effects.ts'
import type { Event, Policy, State, Step } from './state.ts'
import { stopOf } from './stop-steps.ts'

/** starting, running → stopping. */
export function relapsed(
  state: Extract<State, { readonly name: 'starting' | 'running' }>,
  event: Extract<Event, { readonly type: 'relapse' }>,
  policy: Policy,
): Step {
  const { message, atMs } = event
  const [stopping, ...effects] = stopOf(state, event, policy)
  if (stopping.name !== 'stopping') return [stopping, ...effects]
  const relapse = { atMs, livedMs: atMs - state.startedAtMs, ...counted(state) }
  const said = [{ type: 'spawn-error', message } as const, log('warn', `stopping ${policy.name}: ${message}`)]
  return [{ ...stopping, relapse }, ...said, ...effects]
}
