// The verb for other daemons.

import type { Nothing, Operation } from './operation.ts'
import type { PeerObject } from './shapes/peers.ts'

/** All other daemons. */
export const peers: Operation<Nothing, readonly PeerObject[]> = {
  summary: 'Other daemons of [peers], asked now with the credentials of the configuration, and their processes',
  errors: [],
  run: async ({ askPeers }) =>
    (await askPeers()).map(({ name, url, problem, processes }) => ({
      name,
      url,
      state: problem === '' ? 'ok' : 'failing',
      problem,
      processes,
    })),
}
