// What a service tells the bus.

import type { EventBus } from '../events/bus.ts'
import type { Effect } from './state.ts'

/** Turns an effect that others are to hear of into an event. */
export function tellBus(
  bus: EventBus,
  { group, name }: { readonly group: string; readonly name: string },
  effect: Extract<Effect, { type: 'announce' | 'end-daemon' }>,
): void {
  if (effect.type === 'announce') bus.emit({ ...effect, type: 'process-state', group, name })
  else bus.emit({ ...effect, type: 'daemon-end', group, name })
}
