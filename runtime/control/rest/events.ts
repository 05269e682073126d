// The row for events.

import * as v from 'valibot'
import { events, followEvents } from '../operations/events.ts'
import { EVENT_TYPES, EventList, type EventObject } from '../operations/shapes/events.ts'
import { queryEventNumber, queryTexts, queryWords } from './query.ts'
import { row } from './row.ts'
import { type ServerEvent, serverEvents } from './server-events.ts'

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
  'GET /api/v1/events/stream': row({
    access: 'read',
    operation: followEvents,
    query: v.strictObject({
      since: queryEventNumber('Begin with the events after the one with this number; without it with what comes now'),
      types: queryWords(EVENT_TYPES, 'Only events of these types, with commas between them'),
      process: queryTexts('Only events of these processes and groups, with commas between them'),
    }),
    answer: 'stream',
    run: async ({ controlled, query: { since, types, process }, lastEventId }) => {
      const last = /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : since
      const found = await followEvents.run(controlled, { types, processes: process, since: last })
      return serverEvents(controlled.clock, {
        isContinued: true,
        begin(send) {
          const { events: missed, lost } = found.missed()
          const hello = { id: String(last ?? found.newest()), event: 'hello', data: '{}' }
          const gap = lost === 0 ? [] : [{ event: 'gap', data: JSON.stringify({ lost }) }]
          send([hello, ...gap, ...missed.map(asServerEvent)])
          return found.follow((event) => send([asServerEvent(event)]))
        },
        place: () => String(found.newest()),
      })
    },
  }),
}

function asServerEvent(event: EventObject): ServerEvent {
  return { id: String(event.number), event: event.type, data: JSON.stringify(event) }
}
