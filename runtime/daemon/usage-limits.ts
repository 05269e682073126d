// Keeps the limits of max_memory and max_cpu. The code is loaded when a configuration has one of these keys.

import type { Config } from '../../config/settings/config.ts'
import type { UsageLimits } from '../supervisor/usage-limits.ts'
import { onDemand } from './on-demand.ts'
import type { DaemonContext } from './part.ts'

/** Keeps the limits of max_memory and max_cpu. */
export const usageLimits = onDemand({ name: 'usage limits', isUsed, load: openLimits })

async function openLimits({ clock, log, bus, supervisor, controlled }: DaemonContext): Promise<UsageLimits> {
  const { UsageLimits: Opened } = await import('../supervisor/usage-limits.ts')
  const { reportBug } = controlled
  return new Opened({
    clock,
    log,
    bus,
    units: () => supervisor.services(),
    measure: (wanted) => controlled.measure(wanted),
    restart: (id) => {
      for (const done of supervisor.order.restart([id]).values()) done.catch(reportBug)
    },
    reportBug,
  })
}

function isUsed({ groups }: Config): boolean {
  return groups.some(({ processes }) =>
    processes.some((one) => one.max_memory !== undefined || one.max_cpu !== undefined),
  )
}
