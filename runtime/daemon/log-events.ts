// Makes an event of each line of the daemon's log, except for lines that are written while such an event is delivered:
// when a reader of events fails, that is logged, and the reader must not be called again for it.

import type { Part } from './part.ts'

/** Emits an event for each line. */
export const logEvents: Part = {
  name: 'log events',
  open: ({ logs, bus }) => {
    let isTelling = false
    logs.log.observe((level, message, fields = {}) => {
      if (isTelling) return
      isTelling = true
      const { group, process: name } = fields
      bus.emit({ type: 'log', level, message, ...textFields({ group, name }) })
      isTelling = false
    })
    return { close: () => logs.log.observe(undefined) }
  },
}

function textFields(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, string] => typeof field[1] === 'string'),
  )
}
