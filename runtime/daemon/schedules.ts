// Starts programs and oneshots at their times (key `schedule`). The code is loaded when a configuration has the key.

import type { Config } from '../../config/settings/config.ts'
import type { Schedules } from '../schedule/schedules.ts'
import { onDemand } from './on-demand.ts'
import type { DaemonContext } from './part.ts'

/** Starts programs and oneshots at their times. */
export const schedules = onDemand({ name: 'schedules', isUsed, load: openSchedules })

async function openSchedules({ clock, log, bus, supervisor, controlled }: DaemonContext): Promise<Schedules> {
  const { Schedules: Opened } = await import('../schedule/schedules.ts')
  return new Opened({
    clock,
    log,
    bus,
    units: () => supervisor.services(),
    start: (id) => supervisor.order.start([id]),
    restart: (id) => {
      for (const done of supervisor.order.restart([id]).values()) done.catch(controlled.reportBug)
    },
  })
}

function isUsed({ groups, oneshots }: Config): boolean {
  return [...groups.flatMap(({ processes }) => processes), ...oneshots.map(({ up }) => up)].some(
    ({ schedule }) => schedule !== undefined,
  )
}
