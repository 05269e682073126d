// Which units are started when the daemon starts: those that `boot` names and all their dependencies, else all with
// autostart. `boot` does not apply to programs that were added while the daemon runs: their autostart decides. Pure.

import { unitId } from '../../config/model/names.ts'
import type { Config } from '../../config/settings/config.ts'
import type { ProcessSettings } from '../../config/settings/process.ts'
import { withNeeds } from '../../config/graph/graph.ts'
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
