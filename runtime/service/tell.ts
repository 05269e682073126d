// What a service tells the bus.

import type { ProcessSettings } from '../../config/config.ts'
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

/** Ends the daemon for something that cannot come up, where its on_fatal asks for that. */
export function tellFailure(
  bus: EventBus,
  { group, name, on_fatal: onFatal, exit_code: code }: ProcessSettings,
  reason: string,
): void {
  if (onFatal === 'shutdown') bus.emit({ type: 'daemon-end', group, name, code: code ?? 1, reason })
}
