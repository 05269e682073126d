// The row for other daemons.

import { peers } from '../operations/peers.ts'
import { PeerShape } from '../operations/shapes/peers.ts'
import { listOf } from '../operations/shapes/words.ts'
import { row } from './row.ts'

/** Rows for other daemons. */
export const peerRows = {
  'GET /api/v1/peers': row({
    access: 'read',
    operation: peers,
    answer: listOf(PeerShape, 'By name'),
    run: async ({ controlled }) => [...(await peers.run(controlled, {}))],
  }),
}
