// Shapes of webhooks and log targets.

import type * as v from 'valibot'
import { object, oneOf, text, whole } from './words.ts'

/** How a webhook is doing. */
export const WebhookShape = object('Webhook', 'A server that gets a request for each event, and how that goes', {
  name: text('Its name'),
  url: text('Its address without the path, which may be secret'),
  format: text('The form of its requests'),
  state: oneOf(['ok', 'failing'], 'Whether the last attempt failed'),
  queued: whole('Events that wait'),
  sent: whole('Events that were sent since it was opened'),
  failed: whole('Events that were given up: refused, or tried too often'),
  dropped: whole('Events that came while its queue was full'),
  last_status: whole('HTTP status of the last answer; 0 without an answer'),
  last_error: text('Why the last attempt failed; empty when it did not'),
})

/** The result of a test. */
export const WebhookTestShape = object('WebhookTest', 'What became of a test request', {
  name: text('The webhook'),
  sent: oneOf(['yes', 'no'], 'Whether the server took it'),
  status: whole('HTTP status of the answer; 0 without an answer'),
  error: text('Why it failed; empty when it did not'),
})

/** How a log target is doing. */
export const LogTargetShape = object('LogTarget', 'A server that gets the output of programs, and how that goes', {
  name: text('Its name'),
  kind: text('Its protocol: loki, otlp or syslog'),
  url: text('Its address without the path'),
  state: oneOf(['ok', 'failing'], 'Whether the last attempt failed'),
  queued_bytes: whole('Memory of lines that wait'),
  sent_lines: whole('Lines that were sent since it was opened'),
  dropped_lines: whole('Lines that found no room, or that the server refused'),
  last_error: text('Why the last attempt failed; empty when it did not'),
})

/** A webhook, for clients. */
export type WebhookObject = v.InferOutput<typeof WebhookShape>
/** The result of a test, for clients. */
export type WebhookTestObject = v.InferOutput<typeof WebhookTestShape>
/** A log target, for clients. */
export type LogTargetObject = v.InferOutput<typeof LogTargetShape>
