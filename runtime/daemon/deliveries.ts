// The webhooks and log targets that are open, for control and for metrics. Their code is loaded by the parts that open them.

import type { LogTargets, LogTargetStatus } from '../log-targets/log-targets.ts'
import type { Outcome } from '../outbound/outcome.ts'
import type { Webhooks, WebhookStatus } from '../webhooks/webhooks.ts'

/** What is open. */
export class Deliveries {
  /** Set by the parts that open them. */
  webhooks: Pick<Webhooks, 'statuses' | 'test'> | undefined
  logTargets: Pick<LogTargets, 'statuses'> | undefined

  webhookStatuses(): readonly WebhookStatus[] {
    return this.webhooks?.statuses ?? []
  }

  logTargetStatuses(): readonly LogTargetStatus[] {
    return this.logTargets?.statuses ?? []
  }

  /** Sends a test at once; undefined when there is no such webhook. */
  async testWebhook(name: string): Promise<Outcome | undefined> {
    return this.webhooks?.test(name)
  }
}
