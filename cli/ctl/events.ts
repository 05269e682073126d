// `kahi ctl events`: shows the events in the daemon's journal, and those that follow.

import { namespec } from '../../config/model/names.ts'
import type { EventList, EventObject } from '../../runtime/control/operations/shapes/events.ts'
import { type Arguments, type Command, flagOf, textOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { print, printProblem } from '../print.ts'
import type { Client } from './client.ts'
import { withDaemon } from './session.ts'
import { hear, untilInterrupted } from './stream.ts'

/** Shows the newest events. */
export const eventsCommand: Command = {
  name: 'events',
  usage: '[-f] [--since N] [--types TYPE,...] [--process NAME,...] [--json]',
  summary: 'Show the newest events: states, exits with their use of CPU and memory, readiness, waits, configurations',
  options: {
    follow: { type: 'boolean', alias: 'f', summary: 'Show events as they happen, until Ctrl-C' },
    since: { type: 'string', summary: 'Only events after the one with that number' },
    types: { type: 'string', summary: 'Only events of these types, as in process-exited,readiness' },
    process: { type: 'string', summary: 'With -f: only events of these processes and groups' },
    json: { type: 'boolean', summary: 'Print the answer of the daemon as JSON; with -f one event a line' },
  },
  positionals: [],
  examples: [
    ['kahi ctl events', 'the newest events, the oldest first; each has a number'],
    ['kahi ctl events -f', 'those that happen from now on'],
    ['kahi ctl events -f --process web', 'what happens to web'],
    ['kahi ctl events --types process-exited', 'how processes ended, how long they lived and what they used'],
  ],
  run: async (args) => {
    const since = textOf(args, 'since')
    if (since !== undefined && !/^\d{1,15}$/.test(since)) {
      printProblem(`--since must be the number of an event, not "${since}"`)
      return EXIT.usage
    }
    const types = (textOf(args, 'types') ?? '').split(',')
    const query = { ...(since !== undefined && { since: Number(since) }), types }
    const isForOne = flagOf(args, 'follow')
    const verb = (client: Client) => (isForOne ? follow(client, query, args) : showNewest(client, query, args))
    return withDaemon(args, verb, { isForOne })
  },
}

interface Query {
  readonly since?: number
  readonly types: string[]
}

async function showNewest(client: Client, query: Query, args: Arguments): Promise<number> {
  const list = await client.call('GET /api/v1/events', { query })
  if (flagOf(args, 'json')) print(JSON.stringify(list, null, 2))
  else for (const line of eventLines(list)) print(line)
  return EXIT.ok
}

async function follow(client: Client, query: Query, args: Arguments): Promise<number> {
  const take = (event: unknown): void =>
    print(flagOf(args, 'json') ? JSON.stringify(event) : eventLine(event as EventObject))
  const given = { query: { ...query, process: (textOf(args, 'process') ?? '').split(',') } }
  await untilInterrupted((stop) => hear(client, 'GET /api/v1/events/stream', given, { take }, stop))
  return EXIT.ok
}

function eventLines({ events, lost }: EventList): readonly string[] {
  const gone = lost === 0 ? [] : [`(${lost ?? 'some'} earlier events are no longer kept)`]
  return [...gone, ...events.map(eventLine)]
}

/** `1764374171001 2026-11-29T01:02:03.004Z process-exited web pid=42 code=0 …` */
function eventLine(event: EventObject): string {
  const { number, time, type, group, name, ...rest }: EventObject & { group?: unknown; name?: unknown } = event
  const subject = typeof group !== 'string' ? [] : [typeof name === 'string' ? namespec(group, name) : group]
  const fields = Object.entries(rest).flatMap(([key, value]) => (value === null ? [] : [`${key}=${fieldText(value)}`]))
  return [number, time, type, ...subject, ...fields].join(' ')
}

function fieldText(value: unknown): string {
  if (Array.isArray(value)) return value.join(',')
  return typeof value === 'string' && /^[\w:.-]+$/.test(value) ? value : JSON.stringify(value)
}
