// Rows for webhooks and log targets.

import { logTargets, testWebhook, webhooks } from '../operations/deliveries.ts'
import { LogTargetShape, WebhookShape, WebhookTestShape } from '../operations/shapes/deliveries.ts'
import { listOf } from '../operations/shapes/words.ts'
import { pathPart, row } from './row.ts'

/** Rows for deliveries. */
export const deliveryRows = {
  'GET /api/v1/webhooks': row({
    access: 'read',
    operation: webhooks,
    answer: listOf(WebhookShape, 'By name'),
    run: async ({ controlled }) => [...(await webhooks.run(controlled, {}))],
  }),
  'POST /api/v1/webhooks/{name}/test': row({
    access: 'control',
    operation: testWebhook,
    answer: WebhookTestShape,
    run: (call) => testWebhook.run(call.controlled, { name: pathPart(call, 'name') }),
  }),
  'GET /api/v1/log-targets': row({
    access: 'read',
    operation: logTargets,
    answer: listOf(LogTargetShape, 'By name'),
    run: async ({ controlled }) => [...(await logTargets.run(controlled, {}))],
  }),
}
