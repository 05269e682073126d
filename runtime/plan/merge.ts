// Adds one group to a running configuration, or removes one. Clients can add and remove groups one by one; this gives
// the configuration in force afterwards. Pure.

import { splitUnitId } from '../../config/model/names.ts'
import type { Config } from '../../config/settings/config.ts'
import { activeGroups, sortGroups } from './order.ts'

/** `now`, with the group of that name as it is in `wanted`. Dependencies come from both. */
export function withGroup(now: Config, name: string, wanted: Config): Config {
  const kept = now.groups.filter((group) => group.name !== name)
  const added = activeGroups(wanted).filter((group) => group.name === name)
  return {
    ...now,
    groups: sortGroups([...kept, ...added]),
    graph: {
      needs: new Map([...now.graph.needs, ...wanted.graph.needs]),
      names: new Map([...now.graph.names, ...wanted.graph.names]),
    },
  }
}

/** `now` with all groups of a program as they are in `wanted`. */
export function withProgram(now: Config, program: string, wanted: Config): Config {
  const groups = [...now.groups, ...activeGroups(wanted)].filter(({ processes, name }) =>
    processes.length === 0 ? name === program : processes.some((process) => process.program === program),
  )
  const names = [...new Set(groups.map(({ name }) => name))]
  return names.reduce((config, name) => withGroup(withoutGroup(config, name), name, wanted), now)
}

/** `now` without the group of that name, and without the dependency names that stood only for it. */
export function withoutGroup(now: Config, name: string): Config {
  const isOther = (unit: string): boolean => splitUnitId(unit).group !== name
  const needs = [...now.graph.needs].filter(([unit]) => isOther(unit))
  const names = [...now.graph.names].flatMap(([one, units]): (readonly [string, readonly string[]])[] => {
    const left = units.filter(isOther)
    return left.length === 0 && units.length > 0 ? [] : [[one, left]]
  })
  return {
    ...now,
    groups: now.groups.filter((group) => group.name !== name),
    graph: { needs: new Map(needs), names: new Map(names) },
  }
}
