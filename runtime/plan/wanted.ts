// What is to be up when a daemon has started: what `boot` names with all it needs, else everything with autostart. Pure.

import type { Config } from '../../config/config.ts'
import { unitId, withNeeds } from '../../config/graph.ts'
import { activeGroups } from './order.ts'

/** Ids of the units, in the order of the graph. */
export function wantedUnits(config: Pick<Config, 'graph' | 'groups' | 'oneshots' | 'supervisor'>): readonly string[] {
  const { graph, supervisor, oneshots } = config
  const { boot } = supervisor
  if (boot !== undefined)
    return withNeeds(
      graph,
      boot.flatMap((name) => graph.names.get(name) ?? []),
    )
  const all = [...activeGroups(config).flatMap(({ processes }) => processes), ...oneshots.map(({ up }) => up)]
  const automatic = new Set(all.filter(({ autostart }) => autostart).map(({ group, name }) => unitId(group, name)))
  return [...graph.needs.keys()].filter((id) => automatic.has(id))
}
