// Sends events to other servers ([webhooks.NAME]). The code is loaded when a configuration has such a table; at the start before
// the first program runs, so that no event is missed.

import { hostname } from 'node:os'
import type { Config } from '../../config/settings/config.ts'
import { followEvents } from '../control/operations/events.ts'
import type { DaemonContext } from './part.ts'
import { receivers } from './receivers.ts'

/** Sends events. */
export const webhooks = receivers({ name: 'webhooks', isUsed: (config: Config) => config.webhooks.length > 0, load })

async function load({ clock, log, bus, controlled, deliveries }: DaemonContext) {
  const { Webhooks } = await import('../webhooks/webhooks.ts')
  const { reportBug } = controlled
  const opened = new Webhooks({ clock, log, host: hostname(), emit: (event) => bus.emit(event), reportBug })
  const followed = await followEvents.run(controlled, { types: [], processes: [], since: undefined })
  const end = followed.follow((event) => opened.take(event))
  deliveries.webhooks = opened
  return {
    follow: (config: Config) => opened.follow(config),
    close: async () => {
      await opened.close()
      end()
    },
  }
}
