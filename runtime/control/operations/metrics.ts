// The text of a scrape for Prometheus.

import type { Operation, Room } from './operation.ts'
import type { Exposition, WantedMetrics } from './supervised.ts'

/** About so much text comes for each unit and for each set of names. */
const BYTES_OF_UNIT = 3000

/** The metrics of the daemon and its units. */
export const metrics: Operation<WantedMetrics & { readonly room: Room }, Exposition> = {
  summary: 'Metrics of the daemon and of all processes, for Prometheus and others that read its formats',
  errors: [],
  run: async ({ metrics: source, supervisor }, { room, ...wanted }) => {
    await room(supervisor.services().length * wanted.names.length * BYTES_OF_UNIT)
    return source.text(wanted)
  },
}
