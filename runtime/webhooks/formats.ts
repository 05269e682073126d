// The bodies and headers of requests, by format. Sources: Standard Webhooks 1.0.0; Slack "Sending messages using incoming
// webhooks"; Discord "Execute Webhook"; Microsoft Teams "Create incoming webhooks with Workflows"; ntfy "Publishing";
// PagerDuty "Events API v2".

import type { Webhook } from '../../config/settings/receivers.ts'
import type { Content, Notice, Severity } from './notice.ts'
import { fillTemplate } from './template.ts'

/** A request without its signature. */
export interface Rendered {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Longer texts are cut: the services refuse them. */
const LONGEST_TEXT = 1900
const JSON_TYPE = { 'Content-Type': 'application/json' }
const ICONS: Readonly<Record<Severity, string>> = {
  critical: '🔴',
  error: '🔴',
  warning: '🟠',
  info: 'ℹ️',
  resolved: '🟢',
}
const COLOURS: Readonly<Record<Severity, string>> = {
  critical: 'attention',
  error: 'attention',
  warning: 'warning',
  info: 'default',
  resolved: 'good',
}
/** Priorities of ntfy, 1 to 5. */
const PRIORITIES: Readonly<Record<Severity, string>> = {
  critical: '5',
  error: '4',
  warning: '4',
  info: '3',
  resolved: '3',
}
const TAGS: Readonly<Record<Severity, string>> = {
  critical: 'rotating_light',
  error: 'red_circle',
  warning: 'warning',
  info: 'information_source',
  resolved: 'white_check_mark',
}

const FORMATS: Readonly<Record<Webhook['format'], (content: Content) => Rendered>> = {
  standard: ({ notice }) => json(standardBody(notice)),
  slack: ({ notice }) =>
    json({ text: `${line(notice).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}` }),
  // without allowed_mentions the output of a program could call everyone
  discord: ({ notice }) => json({ content: line(notice), allowed_mentions: { parse: [] } }),
  teams: ({ notice }) => json(teamsBody(notice)),
  ntfy: ({ notice }) => ({
    headers: {
      'Content-Type': 'text/plain; charset=utf-8',
      Title: ascii(`${notice.program === '' ? 'kahi' : notice.program} on ${notice.host}`),
      Priority: PRIORITIES[notice.severity],
      Tags: TAGS[notice.severity],
    },
    body: cut(notice.summary),
  }),
  pagerduty: ({ notice, secret }) => json(pagerdutyBody(notice, secret)),
}

/** The request for a notice. */
export function render({ format, template, content_type: type }: Webhook, content: Content): Rendered {
  if (template === undefined) return FORMATS[format](content)
  const isJson = /\bjson\b/i.test(type)
  return { headers: { 'Content-Type': type }, body: fillTemplate(template, content, isJson) }
}

function json(value: object): Rendered {
  return { headers: JSON_TYPE, body: JSON.stringify(value) }
}

/** The payload of Standard Webhooks. */
export function standardBody({ subject, event, host, summary, severity }: Notice): object {
  return { type: subject, timestamp: event.time, data: { ...event, host, severity, summary } }
}

function line({ severity, summary, host }: Notice): string {
  return cut(`${ICONS[severity]} ${host}: ${summary}`)
}

function teamsBody(notice: Notice): object {
  const { summary, severity, subject, host, program, event } = notice
  const facts = [
    ['Host', host],
    ['Program', program],
    ['Event', subject],
    ['Time', event.time],
  ].flatMap(([title, value]) => (value === '' ? [] : [{ title, value }]))
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      { type: 'TextBlock', text: cut(summary), weight: 'Bolder', wrap: true, color: COLOURS[severity] },
      { type: 'FactSet', facts },
    ],
  }
  const attachments = [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }]
  return { type: 'message', attachments }
}

function pagerdutyBody(notice: Notice, key: string): object {
  const { severity, summary, host, program, group, subject, event } = notice
  const about = event.type === 'health' ? 'health' : program === '' ? event.type : 'state'
  const dedup = `kahi/${host}/${program}/${about}`.slice(0, 255)
  if (severity === 'resolved') return { routing_key: key, event_action: 'resolve', dedup_key: dedup }
  const payload = {
    summary: `${host}: ${summary}`.slice(0, 1024),
    source: host,
    severity,
    timestamp: event.time,
    ...(program !== '' && { component: program }),
    ...(group !== '' && { group }),
    class: subject,
    custom_details: event,
  }
  return { routing_key: key, event_action: 'trigger', dedup_key: dedup, client: 'kahi', payload }
}

function cut(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`
}

function ascii(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?')
}
