// Shapes of other daemons.

import type * as v from 'valibot'
import { listOf, object, oneOf, text } from './words.ts'

/** A process of another daemon. */
export const PeerProcessShape = object('PeerProcess', 'A process of another daemon', {
  name: text('Its name in its group'),
  group: text('Its group'),
  kind: oneOf(['program', 'oneshot'], 'A oneshot that is up is EXITED'),
  state: text('Its state, in the words of supervisord'),
  description: text('One line for people'),
  health: text('`starting`, `healthy` or `unhealthy`; empty where it is not checked'),
})

/** Another daemon. */
export const PeerShape = object('Peer', 'Another daemon, and its processes', {
  name: text('Its name in the configuration'),
  url: text('Its address without secrets'),
  state: oneOf(['ok', 'failing'], 'Whether it has answered'),
  problem: text('Why it has not answered; empty when it has'),
  processes: listOf(PeerProcessShape, 'Sorted by group, then name'),
})

/** Another daemon, for clients. */
export type PeerObject = v.InferOutput<typeof PeerShape>
