// What is to be up when a daemon has started: what `boot` names with all it needs, else everything with autostart. What came
// while a daemon ran is in no `boot`: its autostart decides. Pure.

import type { Config, ProcessSettings } from '../../config/config.ts'
import { unitId, withNeeds } from '../../config/graph.ts'
import { activeGroups } from './order.ts'

/** Ids of the units, in the order of the graph. */
export function wantedUnits(config: Pick<Config, 'graph' | 'groups' | 'oneshots' | 'supervisor'>): readonly string[] {
  const { graph, supervisor, oneshots } = config
  const { boot } = supervisor
  const isAutomatic = isStarted(boot === undefined)
  const all = [...activeGroups(config).flatMap(({ processes }) => processes), ...oneshots.map(({ up }) => up)]
  const automatic = new Set(all.filter(isAutomatic).map(({ group, name }) => unitId(group, name)))
  const named =
    boot === undefined
      ? []
      : withNeeds(
          graph,
          boot.flatMap((name) => graph.names.get(name) ?? []),
        )
  return [...named, ...[...graph.needs.keys()].filter((id) => automatic.has(id) && !named.includes(id))]
}

function isStarted(all: boolean) {
  return ({ autostart, dynamic }: Pick<ProcessSettings, 'autostart' | 'dynamic'>): boolean =>
    autostart && (all || dynamic)
}
