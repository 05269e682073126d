// All endpoints, each under its method and path.

import { configurationRows } from './configuration.ts'
import { daemonRows } from './daemon.ts'
import { deliveryRows } from './deliveries.ts'
import { eventRows } from './events.ts'
import { groupRows } from './groups.ts'
import { logRows } from './logs.ts'
import { metricRows } from './metrics.ts'
import { peerRows } from './peers.ts'
import { processRows } from './processes.ts'
import { programRows } from './programs.ts'
import { transitionRows } from './transitions.ts'
import { usageRows } from './usage.ts'

/** All endpoints, in the order in which they are matched and shown. */
export const rows = {
  ...daemonRows,
  ...configurationRows,
  ...processRows,
  ...logRows,
  ...groupRows,
  ...transitionRows,
  ...programRows,
  ...eventRows,
  ...deliveryRows,
  ...peerRows,
  ...metricRows,
  ...usageRows,
}

/** All endpoints with their types. */
export type Rows = typeof rows
