// The part that handles signals. After a restart of the daemon the old handlers stay until the new ones are set: a
// signal in between must not end the process.

import { handleTable } from './init-signals.ts'
import type { Part } from './part.ts'
import { handleSignals } from './signals.ts'

/** Handles signals until the daemon ends. */
export const signals: Part = {
  name: 'signals',
  open: ({ options, lives, clock, logs, ending, reloader, controlled }) => {
    const { calledAs, signals: table } = options
    const { shutdown, restart, reportBug } = controlled
    const parts = { calledAs, clock, logs, ending, reloader, shutdown, restart, reportBug }
    const handling = table === undefined ? handleSignals(parts) : handleTable(table, parts)
    lives.signals?.release()
    lives.signals = handling
    return { close: () => handling.ignore() }
  },
}
