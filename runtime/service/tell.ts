// Emits the events of a unit.

import type { ProcessSettings } from '../../config/settings/process.ts'
import type { EventBus } from '../events/bus.ts'
import type { OneshotState } from './machine/oneshot-machine.ts'
import type { Effect } from './machine/state.ts'

type Named = Pick<ProcessSettings, 'group' | 'name'>

/** Emits the event about a new state. */
export function announceState(
  bus: EventBus,
  { group, name }: Named,
  effect: Extract<Effect, { readonly type: 'announce' }>,
): void {
  bus.emit({ ...effect, type: 'process-state', group, name })
}

/** Emits the event that ends the daemon, because a process has ended whose end also ends the daemon. */
export function endDaemon(
  bus: EventBus,
  { group, name }: Named,
  effect: Extract<Effect, { readonly type: 'end-daemon' }>,
): void {
  bus.emit({ ...effect, type: 'daemon-end', group, name })
}

/** Emits the event that names the dependencies which a start waits for, if there are any. */
export function tellWaiting(bus: EventBus, unit: Named | undefined, waitingFor: readonly string[] = []): void {
  if (unit === undefined || waitingFor.length === 0) return
  bus.emit({ type: 'waiting', group: unit.group, name: unit.name, waitingFor })
}

/** Emits the event that a command of a oneshot was started, or has ended. */
export function tellOneshot(bus: EventBus, { group, name }: Named, before: OneshotState, now: OneshotState): void {
  const isOver = 'way' in before && (!('way' in now) || now.way !== before.way)
  if (isOver) {
    const failure = wayFailure(before.way, now)
    bus.emit({ type: 'oneshot-ended', group, name, way: before.way, failure })
  }
  if ('way' in now && (!('way' in before) || isOver))
    bus.emit({ type: 'oneshot-began', group, name, way: now.way, failure: '' })
}

/** After a failed `up` the oneshot is down with a reason; after a failed `down` it is up. */
function wayFailure(way: 'up' | 'down', now: OneshotState): string {
  if (way === 'down') return now.name === 'up' ? 'down failed' : ''
  return now.name === 'down' ? now.failure : ''
}

/** Exit code when a unit waited too long for its dependencies. Source: s6-rc 0.7, exit code after a time-out. */
const OVERDUE = 2

/** Ends the daemon when a unit cannot come up and its on_fatal says so. */
export function tellFailure(
  bus: EventBus,
  { group, name, on_fatal: onFatal, exit_code: code }: ProcessSettings,
  reason: string,
  isOverdue = false,
): void {
  const usual = isOverdue ? OVERDUE : 1
  if (onFatal === 'shutdown') bus.emit({ type: 'daemon-end', group, name, code: code ?? usual, reason })
}
