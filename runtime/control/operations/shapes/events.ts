// Shapes of events: one for each type that the journal keeps. The reference page and the values of `types` come from them.

import * as v from 'valibot'
import { ROLES } from '../../../../config/model/access.ts'
import { flag, listOf, number, object, oneOf, orNull, text, texts, whole } from './words.ts'

const base = {
  number: number('Grows by one from event to event; a new daemon process continues with a higher number'),
  time: text('ISO 8601, UTC'),
}

const process = { group: text('Name of its group'), name: text('Name of the process or oneshot') }
const STATES = ['stopped', 'starting', 'running', 'backoff', 'stopping', 'exited', 'fatal', 'unknown'] as const
const UNKNOWN = 'null without the native helper, and for an end between two daemon processes'

/** The name of the shape of a type in the OpenAPI document: `process-exited` → `ProcessExitedEvent`. */
export function titleOfEvent(type: string): string {
  return `${type.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}Event`
}

/** A shape of one type. */
function event<const T extends string, const E extends v.ObjectEntries>(type: T, description: string, entries: E) {
  return object(titleOfEvent(type), description, { ...base, type: v.literal(type), ...entries })
}

const oneshot = {
  ...process,
  way: oneOf(['up', 'down'], 'Which of its two commands'),
  failure: text('Why it failed; empty when it did not fail, or has only begun'),
}

/** Every type of event that the journal keeps. */
export const eventShapes = [
  event('process-state', 'A process went from one state to another', {
    ...process,
    from: oneOf(STATES, 'State before'),
    to: oneOf(STATES, 'State now'),
    pid: whole('0 without a process'),
    tries: whole('Failed starts so far; for starting and backoff'),
    expected: flag('Whether the exit code was one of exitcodes; for exited'),
  }),
  event('process-started', 'A process was started', { ...process, pid: whole('Its process id') }),
  event('process-exited', 'A process has ended', {
    ...process,
    pid: whole('Its process id'),
    code: orNull(v.number(), 'Exit code; null when a signal ended it'),
    signal: orNull(v.number(), 'Signal that ended it; null when it exited'),
    core_dumped: flag('Whether it left a core dump'),
    lived_ms: whole('From its start to its end'),
    cpu_user_ms: orNull(v.number(), `Time in the program; ${UNKNOWN}`),
    cpu_system_ms: orNull(v.number(), `Time in the kernel; ${UNKNOWN}`),
    peak_memory_bytes: orNull(v.number(), `The most memory of it, or of a child that it waited for; ${UNKNOWN}`),
  }),
  event('readiness', 'A process has become ready, or is not ready any more', {
    ...process,
    ready: flag('Whether it is ready'),
  }),
  event('health', 'A process has become healthy or unhealthy (key `health`)', {
    ...process,
    healthy: flag('Whether it is healthy'),
    reason: text('What its check found; empty when it is healthy'),
  }),
  event('file-changed', 'A file that a program or oneshot watches has changed (key `watch`)', {
    ...process,
    path: text('The path, as it was written or below a directory that was written'),
    change: oneOf(['created', 'removed', 'content', 'target'], '`target`: the same content, but another file'),
    target: text('Where the path leads now, without links; empty when it is gone'),
    action: oneOf(['restart', 'reload', 'signal', 'exec'], 'What was begun'),
  }),
  event('limit-exceeded', 'A program uses more than its max_memory or max_cpu', {
    ...process,
    what: oneOf(['memory', 'cpu'], 'What it uses'),
    value: number('How much: bytes, or percent of one processor'),
    limit: number('How much it may use'),
    action: oneOf(['restart', 'notify'], 'Its key on_limit'),
  }),
  event('status-text', 'A process reports how it is doing (STATUS= of sd_notify)', {
    ...process,
    text: text('Its words'),
  }),
  event('waiting', 'A start waits for dependencies', {
    ...process,
    waiting_for: texts('Names of the dependencies that are not there yet'),
  }),
  event('oneshot-began', 'A command of a oneshot was started', oneshot),
  event('oneshot-ended', 'A command of a oneshot has ended', oneshot),
  event('configuration-applied', 'A configuration is in force', {
    added: texts('Groups that are new'),
    changed: texts('Groups that differ'),
    removed: texts('Groups that are gone'),
  }),
  event('group-added', 'A group was added', { group: text('Its name') }),
  event('group-removed', 'A group was removed', { group: text('Its name') }),
  event('supervisor-state', 'The daemon has started, or begins to stop', {
    state: oneOf(['running', 'stopping'], 'State now'),
  }),
  event('daemon-end', 'A process has ended whose end also ends the daemon (on_exit, on_fatal, main)', {
    ...process,
    code: whole('Exit code of the daemon'),
    reason: text('Why'),
  }),
  event('audit', 'A client has changed something, or was refused it', {
    who: text('The name of its password or token; empty where the server asks for none'),
    role: oneOf(ROLES, 'What it may do'),
    uid: orNull(v.number(), 'The user, of a client of a unix socket; null for others, and without the native helper'),
    from: text('The address, `this machine`, or `the unix socket`'),
    action: text('Method and path of REST, or a method of XML-RPC or an action of the page, and its process'),
    result: text('The status of HTTP; of XML-RPC `done` or the fault'),
  }),
  event('delivery', 'Deliveries to a webhook or a log target fail or lose something, or work again', {
    to: oneOf(['webhook', 'log-target'], 'What it is'),
    target: text('Its name'),
    ok: flag('Whether they work again'),
    reason: text('Why they fail; empty when they work again'),
    dropped: whole('How many events or lines were dropped since the last such event'),
  }),
  event('log', 'A line of the daemon’s own log', {
    level: text('critical, error, warn, info, debug, trace or blather'),
    message: text('The line'),
    group: v.optional(text('Group of the process that it is about')),
    name: v.optional(text('The process that it is about')),
  }),
] as const

/** An event as clients see it. */
export const EventObject = v.pipe(v.variant('type', eventShapes), v.title('Event'))

/** One of the types. */
export type EventType = v.InferOutput<typeof EventObject>['type']

/** All types, in the order of the reference. */
export const EVENT_TYPES: readonly EventType[] = eventShapes.map(({ entries }) => entries.type.literal)

/** Events, the oldest first. */
export const EventList = object('Events', 'The newest events', {
  events: listOf(EventObject, 'The oldest first'),
  newest: number('Number of the newest event: `since` of the next request'),
  lost: orNull(
    v.number(),
    'How many events after `since` are no longer kept; null where `since` is from before this daemon process',
  ),
})

/** An event, for clients. */
export type EventObject = v.InferOutput<typeof EventObject>

/** Events, for clients. */
export type EventList = v.InferOutput<typeof EventList>
