// Stops several units, each as soon as its dependents are down.

import type { StopOutcome } from '../service/context.ts'
import type { Unit } from '../service/unit.ts'

/** Which units are to be stopped, and how. */
export interface Stops {
  readonly meant: ReadonlySet<string>
  /** Unit → units that need it. */
  readonly dependents: ReadonlyMap<string, readonly string[]>
  find(id: string): Unit | undefined
  stop(unit: Unit): Promise<StopOutcome>
}

/** Stops the units; gives the outcome of each. When a unit cannot be stopped, all units that it needs stay up. */
export function stopEach({ meant, dependents, find, stop }: Stops): ReadonlyMap<string, Promise<StopOutcome>> {
  const stops = new Map<string, Promise<StopOutcome>>()
  const down = async (id: string): Promise<StopOutcome> => {
    const above = (dependents.get(id) ?? []).filter((other) => meant.has(other))
    const outcomes = await Promise.all(above.map(once))
    const unit = find(id)
    if (unit === undefined) return 'not-running'
    if (outcomes.some((outcome) => outcome === 'failed' || outcome === 'essential')) return 'failed'
    const outcome = await stop(unit)
    if (outcome !== 'failed' && unit.isStopping) await unit.untilDown() // another request stops it already
    return outcome
  }
  const once = (id: string): Promise<StopOutcome> => {
    const known = stops.get(id) ?? down(id)
    stops.set(id, known)
    return known
  }
  return new Map([...meant].map((id) => [id, once(id)]))
}
