// Keys of [webhooks.NAME]: requests to other servers when something happens. Source of signatures and of the default
// format: Standard Webhooks 1.0.0, https://www.standardwebhooks.com.

import { address, headers, patterns, subjectPatterns } from '../values/patterns.ts'
import { choice, integerBetween, text, timeLimit } from '../values/values.ts'
import { key, optionalKey, type Settings } from './key.ts'

const own = { scope: 'daemon', supervisord: '', live: true } as const

/** Formats of the body of a request. */
export const WEBHOOK_FORMATS = ['standard', 'slack', 'discord', 'teams', 'ntfy', 'pagerduty'] as const

/** What is sent unless `events` says otherwise: trouble, and its end. */
const TROUBLE = [
  'process-state.fatal',
  'process-state.exited-unexpectedly',
  'health',
  'limit-exceeded',
  'oneshot-ended.failed',
]

/** Keys that every request to another server has. */
export const requestKeys = {
  headers: key(headers, {}, 'Headers of each request. The value of an environment variable is `${NAME}`.', own),
  authorization_file: optionalKey(
    text,
    'File with the value of the Authorization header, such as `Bearer TOKEN`. It is read for each request.',
    own,
  ),
  ca: optionalKey(
    text,
    'File with certificates of authorities that the server is checked with instead of those of Node.js, PEM.',
    own,
  ),
  timeout: key(timeLimit, 10, 'How long a request may take, from the connection to the end of the answer.', own),
}

/** Keys of a webhook. */
export const webhookKeys = {
  url: key(
    address(['https', 'http'], ['unix']),
    '',
    'Address that gets a POST request for each event: https, http, or `unix:///run/receiver.sock` for a unix socket, whose request has the path `/`. Output shows only the host.',
    { ...own, required: true },
  ),
  events: key(
    subjectPatterns,
    TROUBLE,
    'Events to send: types as in docs/reference/events.md, also with what happened, as in `process-state.fatal`, `health.unhealthy`, `log.error`; `*` is any text.',
    own,
  ),
  programs: key(
    patterns,
    ['*'],
    'Only events of these programs, groups (`group:*`) and oneshots; `*` is any text. Events of the daemon itself are sent only with `["*"]`.',
    own,
  ),
  format: key(
    choice(WEBHOOK_FORMATS),
    'standard',
    'Form of the request: the payload of Standard Webhooks, or what Slack, Discord, Microsoft Teams, ntfy or PagerDuty take.',
    own,
  ),
  template: optionalKey(
    text,
    'Body of the request instead of a format, with {{summary}}, {{severity}}, {{event}}, {{type}}, {{program}}, {{group}}, {{host}}, {{time}}, {{number}}, {{id}}, {{json}} for the whole event, and {{data.FIELD}} for a field of it. In JSON the values are escaped.',
    own,
  ),
  content_type: key(text, 'application/json', 'Content-Type of a request with a template.', own),
  secret: optionalKey(
    text,
    'Secret of the signature: `whsec_` and base64 of 24 to 64 bytes. With `format = "pagerduty"` the integration key instead.',
    own,
  ),
  secret_file: optionalKey(text, 'File with the secret. It is read for each request.', own),
  ...requestKeys,
  attempts: key(
    integerBetween(1, 100),
    10,
    'How often an event is tried: after 1 s, 2 s, 4 s and so on, 5 minutes at most, and when Retry-After says.',
    own,
  ),
  queue_size: key(
    integerBetween(1, 100_000),
    1000,
    'Number of events that may wait. When so many wait, new events are dropped and counted.',
    own,
  ),
  queue_directory: optionalKey(
    text,
    'Directory of a file in which waiting events survive a restart of the machine; it is made if it is missing. Without it they wait in memory.',
    own,
  ),
}

/** The values of a webhook's keys. */
export type WebhookValues = Settings<typeof webhookKeys>
