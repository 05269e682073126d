// The documented forms of requests to services, as our own JSON schemas. Fields that are not documented are errors.
// Sources: Grafana Loki 3, "POST /loki/api/v1/push" and limits_config; Slack, "Sending messages using incoming webhooks" and
// chat.postMessage; Discord, "Execute Webhook" and "Allowed Mentions Object"; Microsoft, "Create incoming webhooks with
// Workflows" and the schema of Adaptive Cards 1.4; PagerDuty, "Events API v2"; ntfy, "Publishing"; Standard Webhooks 1.0.0.

import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { expect } from 'vitest'
import type { Received } from './receiver.ts'

const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength })
const exactly = (properties: object, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})
const listOf = (items: object) => ({ type: 'array', items, minItems: 1 })
const oneOf = (...words: readonly string[]) => ({ enum: words })
const time = { type: 'string', format: 'date-time' }

const pagerdutyKey = { type: 'string', pattern: '^[0-9a-f]{32}$' }

const SCHEMAS = {
  loki: exactly({
    streams: listOf(
      exactly({
        stream: {
          type: 'object',
          propertyNames: { pattern: '^[a-zA-Z_][a-zA-Z0-9_]*$', maxLength: 1024 },
          additionalProperties: { type: 'string', maxLength: 2048 },
          minProperties: 1,
          maxProperties: 15,
        },
        values: listOf({
          type: 'array',
          prefixItems: [
            { type: 'string', pattern: '^[0-9]{19}$' },
            { type: 'string', maxLength: 256 * 1024 },
          ],
          items: false,
          minItems: 2,
        }),
      }),
    ),
  }),
  // & < > of a text are &amp; &lt; &gt;
  slack: exactly({ text: { ...text(40_000), pattern: '^([^&<>]|&(amp|lt|gt);)*$' } }),
  discord: exactly({
    content: text(2000),
    allowed_mentions: exactly({ parse: { type: 'array', items: oneOf('roles', 'users', 'everyone') } }),
  }),
  teams: exactly({
    type: { const: 'message' },
    attachments: listOf(
      exactly({
        contentType: { const: 'application/vnd.microsoft.card.adaptive' },
        contentUrl: { type: 'null' },
        content: exactly({
          $schema: { const: 'http://adaptivecards.io/schemas/adaptive-card.json' },
          type: { const: 'AdaptiveCard' },
          version: { const: '1.4' },
          body: listOf({
            anyOf: [
              exactly({
                type: { const: 'TextBlock' },
                text: text(10_000),
                weight: oneOf('Default', 'Lighter', 'Bolder'),
                wrap: { type: 'boolean' },
                color: oneOf('default', 'dark', 'light', 'accent', 'good', 'warning', 'attention'),
              }),
              exactly({
                type: { const: 'FactSet' },
                facts: listOf(exactly({ title: text(100), value: text(1000) })),
              }),
            ],
          }),
        }),
      }),
    ),
  }),
  pagerduty: {
    anyOf: [
      exactly({ routing_key: pagerdutyKey, event_action: oneOf('resolve', 'acknowledge'), dedup_key: text(255) }),
      exactly(
        {
          routing_key: pagerdutyKey,
          event_action: { const: 'trigger' },
          dedup_key: text(255),
          client: text(255),
          payload: exactly(
            {
              summary: text(1024),
              source: text(255),
              severity: oneOf('critical', 'error', 'warning', 'info'),
              timestamp: time,
              component: text(255),
              group: text(255),
              class: text(255),
              custom_details: { type: 'object' },
            },
            ['summary', 'source', 'severity'],
          ),
        },
        ['routing_key', 'event_action', 'payload'],
      ),
    ],
  },
  standard: exactly({
    type: { type: 'string', pattern: '^[a-zA-Z0-9_-]+(\\.[a-zA-Z0-9_-]+)*$' },
    timestamp: time,
    data: { type: 'object' },
  }),
} as const

/** ntfy takes a text, and headers. */
const NTFY_HEADERS = {
  type: 'object',
  properties: {
    title: { type: 'string', pattern: '^[\\x20-\\x7e]{1,250}$' },
    priority: { type: 'string', pattern: '^[1-5]$' },
    tags: { type: 'string', pattern: '^[a-z0-9_+-]+(,[a-z0-9_+-]+)*$' },
    'content-type': { type: 'string', pattern: '^text/plain' },
  },
  required: ['title', 'priority', 'tags', 'content-type'],
}

const ajv = new Ajv2020({ allErrors: true, strictTypes: false, strictTuples: false })
addFormats.default(ajv)

/** Services whose requests can be checked. */
export type Service = keyof typeof SCHEMAS | 'ntfy'

/** Fails the test unless the service documents such a request. Gives its body, for ntfy as a text. */
export function expectShape(service: Service, { headers, body }: Received): unknown {
  const [schema, value]: readonly [object, unknown] =
    service === 'ntfy' ? [NTFY_HEADERS, headers] : [SCHEMAS[service], JSON.parse(body)]
  const validate = ajv.compile(schema)
  expect(validate(value) ? [] : validate.errors, `${service}: ${body}`).toEqual([])
  if (service !== 'ntfy') expect(headers['content-type']).toBe('application/json')
  else expect(Buffer.byteLength(body)).toBeLessThanOrEqual(4096)
  return service === 'ntfy' ? body : value
}
