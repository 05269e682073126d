// Verbs for webhooks and log targets.

import { ControlError } from './errors.ts'
import type { Nothing, Operation } from './operation.ts'
import type { LogTargetObject, WebhookObject, WebhookTestObject } from './shapes/deliveries.ts'

/** All webhooks. */
export const webhooks: Operation<Nothing, readonly WebhookObject[]> = {
  summary: 'Webhooks: how many events were sent, failed, were dropped, and wait',
  errors: [],
  run: ({ deliveries }) =>
    deliveries.webhookStatuses().map(({ lastStatus, lastError, ...rest }) => ({
      ...rest,
      state: lastError === '' ? 'ok' : 'failing',
      last_status: lastStatus,
      last_error: lastError,
    })),
}

/** Sends a test. */
export const testWebhook: Operation<{ readonly name: string }, WebhookTestObject> = {
  summary: 'Sends a test to a webhook at once, without a second attempt, and gives the answer',
  errors: ['NOT_FOUND'],
  run: async ({ deliveries }, { name }) => {
    const outcome = await deliveries.testWebhook(name)
    if (outcome === undefined) throw new ControlError('NOT_FOUND', `no such webhook: ${name}`)
    const { kind, status = 0 } = outcome
    return { name, sent: kind === 'sent' ? 'yes' : 'no', status, error: kind === 'sent' ? '' : outcome.reason }
  },
}

/** All log targets. */
export const logTargets: Operation<Nothing, readonly LogTargetObject[]> = {
  summary: 'Log targets: how many lines were sent and dropped, and how much waits',
  errors: [],
  run: ({ deliveries }) =>
    deliveries.logTargetStatuses().map(({ name, kind, url, queuedBytes, sentLines, droppedLines, lastError }) => ({
      name,
      kind,
      url,
      state: lastError === '' ? 'ok' : 'failing',
      queued_bytes: queuedBytes,
      sent_lines: sentLines,
      dropped_lines: droppedLines,
      last_error: lastError,
    })),
}
