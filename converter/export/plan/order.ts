// The order that priorities give, for targets that only know dependencies.

import type { Group } from '../../../config/settings/config.ts'
import type { Unit } from './unit.ts'

/**
 * For each unit the units of the next lower priority, if they are started at boot too and do not depend on it. Without
 * different priorities nothing is ordered.
 */
export function ordersByPriority(
  units: readonly Unit[],
  groups: readonly Group[],
): ReadonlyMap<string, readonly string[]> {
  const ranks = new Map(groups.map(({ name, priority }) => [name, priority]))
  const rankOf = ({ settings, kind }: Unit): number =>
    kind === 'oneshot' ? settings.priority : (ranks.get(settings.group) ?? settings.priority)
  const levels = [...new Set(units.map(rankOf))].toSorted((a, b) => a - b)
  const needs = new Map(units.map((unit) => [unit.name, unit.needs.map(({ name }) => name)]))
  const needed = new Set(units.flatMap((unit) => unit.needs.map(({ name }) => name)))
  /** An edge to a unit that no other unit names closes no circle. */
  const reaches = (from: string, to: string): boolean => {
    if (!needed.has(to)) return from === to
    const seen = new Set([from])
    for (const one of seen) for (const next of needs.get(one) ?? []) seen.add(next)
    return seen.has(to)
  }
  const found = new Map<string, readonly string[]>()
  for (const [index, level] of levels.entries()) {
    const before = levels[index - 1]
    if (before === undefined) continue
    const earlier = units.filter((unit) => unit.boots && rankOf(unit) === before)
    for (const unit of units.filter((one) => one.boots && rankOf(one) === level)) {
      const after = earlier.map(({ name }) => name).filter((name) => !reaches(name, unit.name))
      const direct = after.filter((name) => !(needs.get(unit.name) ?? []).includes(name))
      if (direct.length === 0) continue
      found.set(unit.name, direct)
      needs.set(unit.name, [...(needs.get(unit.name) ?? []), ...direct])
    }
  }
  return found
}
