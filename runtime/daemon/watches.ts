// Watches files for the units that have the key `watch`. The code is loaded when a configuration has the key; before
// the first start, so that the watches see what the first processes see.

import type { Config } from '../../config/settings/config.ts'
import { splitUnitId } from '../../config/model/names.ts'
import type { Watches } from '../watch/watches.ts'
import type { DaemonContext, Part } from './part.ts'
import { restartUnit } from './restart-unit.ts'

/** Watches files. */
export const watches: Part = {
  name: 'watches',
  open: async (context) => {
    let open = isUsed(context.config) ? await openWatches(context) : undefined
    let isClosed = false
    const openLater = async (): Promise<void> => {
      const made = await openWatches(context)
      if (isClosed || open !== undefined) made.close()
      else open = made
      open?.follow()
    }
    return {
      close: () => {
        isClosed = true
        open?.close()
      },
      follow: (config) => {
        if (open !== undefined) open.follow()
        else if (isUsed(config)) void openLater().catch(context.controlled.reportBug)
      },
    }
  },
}

async function openWatches(context: DaemonContext): Promise<Watches> {
  const { clock, log, bus, supervisor } = context
  const { Watches: Opened } = await import('../watch/watches.ts')
  return new Opened({
    clock,
    log,
    bus,
    find: (id) => {
      const { group, name } = splitUnitId(id)
      return supervisor.find(group, name)
    },
    units: () => supervisor.services(),
    restart: (id) => restartUnit(id, context),
  })
}

function isUsed({ groups, oneshots }: Config): boolean {
  return [...groups.flatMap(({ processes }) => processes), ...oneshots.map(({ up }) => up)].some(
    ({ watch }) => watch !== undefined,
  )
}
