// The events after a number, from the journal.

import type { Operation } from './operation.ts'
import type { EventList, EventObject } from './shapes/events.ts'
import type { RuntimeEvent } from './supervised.ts'

/** Events after `since`; undefined for all that are kept. No `types` means all types. */
export interface EventQuery {
  readonly since: number | undefined
  readonly types: readonly string[]
}

/** The newest events. */
export const events: Operation<EventQuery, EventList> = {
  summary: 'The newest events that the journal keeps, the oldest first',
  errors: [],
  run: ({ journal }, { since, types }) => {
    const page = journal.since(since, new Set(types))
    return { events: page.events.map(showEvent), newest: page.newest, lost: page.lost ?? null }
  },
}

function showEvent({ number, atMs, type, ...rest }: RuntimeEvent): EventObject {
  const fields = Object.entries(rest).map(([key, value]): [string, unknown] => [
    key.replaceAll(/[A-Z]/g, toSnake),
    value,
  ])
  return { number, time: new Date(atMs).toISOString(), type, ...Object.fromEntries(fields) } as EventObject
}

function toSnake(letter: string): string {
  return `_${letter.toLowerCase()}`
}
