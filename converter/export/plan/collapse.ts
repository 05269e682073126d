// Removes oneshots that do nothing: they only order others. What depended on one depends on its dependencies.

import type { Unit, UnitNeed } from './unit.ts'

/** The units without empty oneshots. */
export function collapse(units: readonly Unit[]): readonly Unit[] {
  const empty = new Map(units.filter(isEmpty).map((unit) => [unit.name, unit]))
  if (empty.size === 0) return units
  const direct = new Map<string, readonly UnitNeed[]>()
  const expand = (needs: readonly UnitNeed[]): readonly UnitNeed[] => {
    const found = needs.flatMap((need): readonly UnitNeed[] => {
      const through = empty.get(need.name)
      if (through === undefined) return [need]
      const behind = direct.get(need.name) ?? expand(through.needs)
      direct.set(need.name, behind)
      return need.reached === 'ordered' ? behind.map((one) => ({ ...one, reached: 'ordered' as const })) : behind
    })
    return [...new Map(found.map((one) => [one.name, one])).values()]
  }
  const left = units
    .filter((unit) => !empty.has(unit.name))
    .map((unit) => ({
      ...unit,
      needs: expand(unit.needs),
      after: unit.after.filter((name) => !empty.has(name)),
      isExpanded: unit.needs.some(({ name }) => empty.has(name)),
    }))
  const closures = closuresOf(left)
  return left.map(({ isExpanded, ...unit }) => (isExpanded ? { ...unit, needs: reduce(unit.needs, closures) } : unit))
}

function isEmpty({ kind, settings, down }: Unit): boolean {
  return kind === 'oneshot' && (settings.argv?.length ?? 0) === 0 && down === undefined
}

/** All that each unit needs, directly and through others. */
function closuresOf(units: readonly Unit[]): ReadonlyMap<string, ReadonlySet<string>> {
  const byName = new Map(units.map((unit) => [unit.name, unit]))
  const found = new Map<string, ReadonlySet<string>>()
  for (const { name } of units) {
    const reached = new Set([name])
    for (const one of reached) for (const need of byName.get(one)?.needs ?? []) reached.add(need.name)
    found.set(name, reached)
  }
  return found
}

/** Without the needs that another one of the list implies. */
function reduce(needs: readonly UnitNeed[], closures: ReadonlyMap<string, ReadonlySet<string>>): readonly UnitNeed[] {
  return needs.filter(
    ({ name }) => !needs.some((other) => other.name !== name && closures.get(other.name)?.has(name) === true),
  )
}
