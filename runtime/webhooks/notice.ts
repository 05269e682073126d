// What a webhook says about an event: its name for the key `events`, how bad it is, and a sentence for people.

import { namespec } from '../../config/model/names.ts'

/** An event as clients of the daemon see it. */
export interface EventFields {
  readonly number: number
  /** ISO 8601, UTC. */
  readonly time: string
  readonly type: string
}

/** How bad it is; `resolved` ends what an earlier event began. */
export type Severity = 'critical' | 'error' | 'warning' | 'info' | 'resolved'

/** What is sent about an event. */
export interface Notice {
  /** `process-state.fatal`, or the type alone. */
  readonly subject: string
  readonly severity: Severity
  /** One sentence without the name of the host. */
  readonly summary: string
  /** `web`, `workers:w_0`; empty for an event of the daemon itself. */
  readonly program: string
  readonly group: string
  readonly host: string
  readonly event: EventFields
}

/** What a request is made from. `secret` is the integration key of PagerDuty, empty for all other formats. */
export interface Content {
  readonly notice: Notice
  readonly id: string
  readonly secret: string
}

type Said = readonly [detail: string, severity: Severity, text: string]
type Fields = Readonly<Record<string, unknown>>

/** The notice about an event. */
export function noticeOf(event: EventFields, host: string): Notice {
  const fields: Fields = { ...event }
  const group = textOf(fields.group)
  const name = textOf(fields.name)
  const program = group === '' ? '' : name === '' ? group : namespec(group, name)
  const [detail, severity, text] = say(event.type, fields, program)
  const subject = detail === '' ? event.type : `${event.type}.${detail}`
  return { subject, severity, summary: text, program, group, host, event }
}

/** By type; all others are said by their type. */
const SAYINGS: Readonly<Record<string, (fields: Fields, program: string) => Said>> = {
  'process-state': sayState,
  'process-exited': ({ code, signal }, program) => [
    '',
    'info',
    code === null ? `${program} was ended by signal ${String(signal)}` : `${program} exited with code ${String(code)}`,
  ],
  'process-started': ({ pid }, program) => ['', 'info', `${program} was started with pid ${String(pid)}`],
  readiness: ({ ready }, program) =>
    ready === true
      ? ['ready', 'info', `${program} is ready`]
      : ['not-ready', 'warning', `${program} is not ready any more`],
  health: ({ healthy, reason }, program) =>
    healthy === true
      ? ['healthy', 'resolved', `${program} is healthy`]
      : ['unhealthy', 'error', `${program} is unhealthy: ${textOf(reason)}`],
  'limit-exceeded': ({ what, value, limit }, program) => [
    textOf(what),
    'warning',
    `${program} uses too much ${textOf(what)}: ${String(value)}, its limit is ${String(limit)}`,
  ],
  'oneshot-ended': ({ failure, way }, program) =>
    failure === ''
      ? ['done', 'info', `${program} is done (${textOf(way)})`]
      : ['failed', 'error', `${program} failed (${textOf(way)}): ${textOf(failure)}`],
  'supervisor-state': ({ state }) => [
    textOf(state),
    'info',
    state === 'running' ? 'kahi has started' : 'kahi begins to stop',
  ],
  'daemon-end': ({ reason }, program) => ['', 'critical', `kahi ends: ${program} ${textOf(reason)}`],
  log: ({ level, message }) => [textOf(level), severityOfLevel(textOf(level)), textOf(message)],
  delivery: ({ ok, to, target, reason }) =>
    ok === true
      ? ['recovered', 'resolved', `deliveries to ${textOf(to)} ${textOf(target)} work again`]
      : ['failing', 'warning', `deliveries to ${textOf(to)} ${textOf(target)} fail: ${textOf(reason)}`],
  'webhook-test': () => ['', 'info', 'this is a test of the webhook'],
}

function say(type: string, fields: Fields, program: string): Said {
  return SAYINGS[type]?.(fields, program) ?? ['', 'info', `${program === '' ? 'kahi' : program}: ${type}`]
}

function sayState({ to, expected }: Fields, program: string): Said {
  const state = textOf(to)
  if (state === 'fatal') return [state, 'critical', `${program} is FATAL: it could not be kept running`]
  if (state === 'running') return [state, 'resolved', `${program} is running`]
  if (state === 'backoff') return [state, 'warning', `${program} exited too early and is tried again`]
  if (state === 'exited' && expected === false)
    return ['exited-unexpectedly', 'error', `${program} exited unexpectedly`]
  return [state, 'info', `${program} is ${state.toUpperCase()}`]
}

function severityOfLevel(level: string): Severity {
  if (level === 'critical' || level === 'error') return level
  return level === 'warn' ? 'warning' : 'info'
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
