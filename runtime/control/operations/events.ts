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

/** Events as they happen; `begin` gives a function that ends it. */
export interface EventFeed {
  begin(take: (event: EventObject) => void): () => void
}

/** Events as they happen, after those that the journal has from `since` on. */
export const followEvents: Operation<EventQuery, EventFeed> = {
  summary: 'Events as they happen; with since first those that the journal keeps after that number',
  errors: [],
  run: ({ journal }, { since, types }) => ({
    begin: (take) => {
      const wanted = new Set(types)
      if (since !== undefined) for (const event of journal.since(since, wanted).events) take(showEvent(event))
      return journal.follow((event) => {
        if (wanted.size === 0 || wanted.has(event.type)) take(showEvent(event))
      })
    },
  }),
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
