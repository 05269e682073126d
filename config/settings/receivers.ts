// The settings of servers that get events and the output of programs, and of other daemons. Paths are absolute.

import type { LogTargetValues } from '../keys/log-target.ts'
import type { PeerValues } from '../keys/peer.ts'
import type { WebhookValues } from '../keys/webhook.ts'

/** A server that gets events. */
export interface Webhook extends WebhookValues {
  readonly name: string
}

/** A server that gets the output of programs. */
export interface LogTarget extends LogTargetValues {
  readonly name: string
}

/** Another daemon. */
export interface Peer extends PeerValues {
  readonly name: string
}

/** What requests to another server need. */
export type RequestSettings = Pick<Webhook, 'headers' | 'authorization_file' | 'ca' | 'timeout'>
