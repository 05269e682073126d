// Metrics of webhooks and log targets. Those of a daemon without any are left out.

import type { DaemonSample, Family } from './sample.ts'

/** Families in the order in which they are shown. */
export const deliveryFamilies: readonly Family<DaemonSample>[] = [
  {
    name: 'kahi_webhook_events_total',
    type: 'counter',
    help: 'Events for a webhook by what became of them: sent; failed: refused, or tried too often; dropped: its queue was full',
    labels: ['webhook', 'result'],
    values: ({ webhooks }) =>
      webhooks.flatMap(({ name: webhook, sent, failed, dropped }) =>
        Object.entries({ sent, failed, dropped }).map(([result, count]) => [count, { webhook, result }] as const),
      ),
  },
  {
    name: 'kahi_webhook_queued_events',
    type: 'gauge',
    help: 'Events that wait for a webhook',
    labels: ['webhook'],
    values: ({ webhooks }) => webhooks.map(({ name: webhook, queued }) => [queued, { webhook }]),
  },
  {
    name: 'kahi_log_target_lines_total',
    type: 'counter',
    help: 'Lines for a log target by what became of them: sent; dropped: its buffer was full, or it refused them',
    labels: ['target', 'result'],
    values: ({ logTargets }) =>
      logTargets.flatMap(({ name: target, sentLines: sent, droppedLines: dropped }) =>
        Object.entries({ sent, dropped }).map(([result, count]) => [count, { target, result }] as const),
      ),
  },
  {
    name: 'kahi_log_target_queued_bytes',
    type: 'gauge',
    help: 'Memory of lines that wait for a log target',
    labels: ['target'],
    values: ({ logTargets }) => logTargets.map(({ name: target, queuedBytes }) => [queuedBytes, { target }]),
  },
]
