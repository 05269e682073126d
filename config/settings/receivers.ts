// The settings of servers that get events and the output of programs. Paths are absolute.

import type { LogTargetValues } from '../keys/log-target.ts'
import type { WebhookValues } from '../keys/webhook.ts'

/** A server that gets events. */
export interface Webhook extends WebhookValues {
  readonly name: string
}

/** A server that gets the output of programs. */
export interface LogTarget extends LogTargetValues {
  readonly name: string
}

/** What requests to another server need. */
export type RequestSettings = Pick<Webhook, 'headers' | 'authorization_file' | 'ca' | 'timeout'>
