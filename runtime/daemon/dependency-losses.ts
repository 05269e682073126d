// Acts on lost dependencies (key `on_dependency_lost`). The code is loaded when a configuration has the key.

import type { Config } from '../../config/settings/config.ts'
import { splitUnitId } from '../../config/model/names.ts'
import type { Losses } from '../supervisor/losses.ts'
import type { Unit } from '../service/unit.ts'
import { onDemand } from './on-demand.ts'
import type { DaemonContext } from './part.ts'

/** Acts on lost dependencies. */
export const dependencyLosses = onDemand({ name: 'lost dependencies', isUsed, load: openLosses })

async function openLosses({ clock, log, bus, supervisor, controlled }: DaemonContext): Promise<Losses> {
  const { Losses: Opened } = await import('../supervisor/losses.ts')
  const find = (id: string): Unit | undefined => {
    const { group, name } = splitUnitId(id)
    return supervisor.find(group, name)
  }
  return new Opened({
    clock,
    log,
    bus,
    find,
    needs: () => supervisor.order.graph.needs,
    stop: (id) => {
      for (const done of supervisor.order.takeDown([id], true).values()) done.catch(controlled.reportBug)
    },
    start: (id) => supervisor.order.start([id]),
  })
}

function isUsed({ groups }: Config): boolean {
  return groups.some(({ processes }) => processes.some((one) => one.on_dependency_lost.action !== 'none'))
}
