// All webhooks of a daemon. A new configuration ends and opens only those whose table has changed; events that wait are kept.

import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../../config/settings/config.ts'
import type { Outcome } from '../outbound/outcome.ts'
import { type EventFields, noticeOf } from './notice.ts'
import { Webhook, type WebhookParts, type WebhookStatus } from './webhook.ts'

export type { WebhookStatus } from './webhook.ts'

/** The end of the daemon waits so long for deliveries. */
const FLUSH_MS = 3000

/** All webhooks. */
export class Webhooks {
  readonly #parts: WebhookParts
  readonly #open = new Map<string, Webhook>()
  readonly #testing = new AbortController()

  constructor(parts: WebhookParts) {
    this.#parts = parts
  }

  /** By name. */
  get statuses(): readonly WebhookStatus[] {
    return [...this.#open.values()].map(({ status }) => status)
  }

  /** Applies a configuration. */
  follow({ webhooks }: Pick<Config, 'webhooks'>): void {
    const wanted = new Map(webhooks.map((settings) => [settings.name, settings]))
    for (const [name, open] of this.#open) {
      if (wanted.has(name)) continue
      const lost = open.detach().length
      this.#open.delete(name)
      if (lost > 0) this.#parts.log.log('warn', `webhook ${name} was removed: ${lost} events were not sent`)
    }
    for (const [name, settings] of wanted) {
      const open = this.#open.get(name)
      if (open !== undefined && isDeepStrictEqual(open.settings, settings)) continue
      this.#open.set(name, new Webhook(settings, this.#parts, open?.detach()))
    }
  }

  /** An event has happened. */
  take(event: EventFields): void {
    if (this.#open.size === 0) return
    const notice = noticeOf(event, this.#parts.host)
    for (const webhook of this.#open.values()) webhook.offer(notice)
  }

  /** Sends a test to a webhook at once; undefined when there is none of that name. */
  async test(name: string): Promise<Outcome | undefined> {
    return this.#open.get(name)?.test(this.#testing.signal)
  }

  /** Sends what waits, for three seconds at most. */
  async close(): Promise<void> {
    this.#testing.abort()
    await Promise.all(
      [...this.#open].map(async ([name, webhook]) => {
        const lost = await webhook.close(FLUSH_MS)
        if (lost > 0) this.#parts.log.log('warn', `webhook ${name}: ${lost} events were not sent before the end`)
      }),
    )
    this.#open.clear()
  }
}
