// Stops units together, each as soon as those that need it are down.

import type { StopOutcome } from '../service/context.ts'
import type { Unit } from '../service/unit.ts'

/** What is to be stopped, and how. */
export interface Stops {
  readonly meant: ReadonlySet<string>
  /** Unit → those that need it. */
  readonly dependents: ReadonlyMap<string, readonly string[]>
  find(id: string): Unit | undefined
  stop(unit: Unit): Promise<StopOutcome>
}

/** Stops all that is meant; tells how it goes for each. What cannot be taken down keeps up all that it needs. */
export function stopEach({ meant, dependents, find, stop }: Stops): ReadonlyMap<string, Promise<StopOutcome>> {
  const stops = new Map<string, Promise<StopOutcome>>()
  const down = async (id: string): Promise<StopOutcome> => {
    const above = (dependents.get(id) ?? []).filter((other) => meant.has(other))
    const outcomes = await Promise.all(above.map(once))
    const unit = find(id)
    if (unit === undefined) return 'not-running'
    if (outcomes.some((outcome) => outcome === 'failed' || outcome === 'essential')) return 'failed'
    const outcome = await stop(unit)
    if (outcome !== 'failed' && unit.isStopping) await unit.untilAtRest() // somebody else has told it before
    return outcome
  }
  const once = (id: string): Promise<StopOutcome> => {
    const known = stops.get(id) ?? down(id)
    stops.set(id, known)
    return known
  }
  return new Map([...meant].map((id) => [id, once(id)]))
}
