// The row for events.

import * as v from 'valibot'
import { events } from '../operations/events.ts'
import { EVENT_TYPES, EventList } from '../operations/shapes/events.ts'
import { queryEventNumber, queryWords } from './query.ts'
import { row } from './row.ts'

/** Rows for events. */
export const eventRows = {
  'GET /api/v1/events': row({
    access: 'read',
    operation: events,
    query: v.strictObject({
      since: queryEventNumber('Only events after the one with this number'),
      types: queryWords(EVENT_TYPES, 'Only events of these types, with commas between them'),
    }),
    answer: EventList,
    run: ({ controlled, query: { since, types } }) => events.run(controlled, { since, types }),
  }),
}
