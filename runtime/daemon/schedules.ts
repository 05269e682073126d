// Starts programs and oneshots at their times (key `schedule`). The code is loaded when a configuration has the key.

import type { Config } from '../../config/settings/config.ts'
import type { Schedules } from '../schedule/schedules.ts'
import { onDemand } from './on-demand.ts'
import type { DaemonContext } from './part.ts'
import { restartUnit } from './restart-unit.ts'

/** Starts programs and oneshots at their times. */
export const schedules = onDemand({ name: 'schedules', isUsed, load: openSchedules })

async function openSchedules(context: DaemonContext): Promise<Schedules> {
  const { clock, log, bus, supervisor } = context
  const { Schedules: Opened } = await import('../schedule/schedules.ts')
  return new Opened({
    clock,
    log,
    bus,
    units: () => supervisor.services(),
    start: (id) => supervisor.order.start([id]),
    restart: (id) => restartUnit(id, context),
  })
}

function isUsed({ groups, oneshots }: Config): boolean {
  return [...groups.flatMap(({ processes }) => processes), ...oneshots.map(({ up }) => up)].some(
    ({ schedule }) => schedule !== undefined,
  )
}
