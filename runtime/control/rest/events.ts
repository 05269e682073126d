// Rows for events: the newest ones, and a stream of server-sent events.

import * as v from 'valibot'
import { events, followEvents } from '../operations/events.ts'
import { EVENT_TYPES, EventList } from '../operations/shapes/events.ts'
import { queryEventNumber, queryWords } from './query.ts'
import { row } from './row.ts'

const QUERY = v.strictObject({
  since: queryEventNumber('Only events after the one with this number'),
  types: queryWords(EVENT_TYPES, 'Only events of these types, with commas between them'),
})

/** Rows for events. */
export const eventRows = {
  'GET /api/v1/events': row({
    access: 'read',
    operation: events,
    query: QUERY,
    answer: EventList,
    run: ({ controlled, query: { since, types } }) => events.run(controlled, { since, types }),
  }),
  'GET /api/v1/events/stream': row({
    access: 'read',
    operation: followEvents,
    query: QUERY,
    answer: 'stream',
    run: async ({ controlled, query: { since, types } }) => {
      const feed = await followEvents.run(controlled, { since, types })
      return {
        contentType: 'text/event-stream',
        begin: (write) => {
          write(': events follow\n\n')
          return feed.begin((event) =>
            write(`id: ${event.number}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
          )
        },
      }
    },
  }),
}
