// Signals by a table, for a daemon that runs in place of an init program. Each signal ends the daemon, is passed on to
// the main program, or does nothing. A signal that does nothing needs a handler too: without one it would end the
// process.

import { constants } from 'node:os'
import type { SignalHandling, SignalMeaning, SignalParts, SignalTable } from './signals.ts'
import { onSignals } from '../system/signals.ts'

/** Handles the signals of the table. */
export function handleTable(table: SignalTable, parts: SignalParts): SignalHandling {
  const { reloader, shutdown, ending } = parts
  const { supervisor, log } = reloader
  let isOver = false
  const act = (name: NodeJS.Signals, meaning: SignalMeaning) => () => {
    if (isOver || meaning === 'nothing') return
    const main = supervisor.config?.supervisor.main ?? ''
    const unit = supervisor.find(main, main)
    if (unit !== undefined && (meaning === 'main' ? unit.isUp : meaning === 'main-only' && unit.info().pid !== 0)) {
      log.log('info', `received ${name}, which is for '${main}'`)
      void unit.signal(constants.signals[name])
      return
    }
    if (meaning === 'main-only') {
      log.log('info', `ignored ${name}, which is for '${main}': it has no process now`)
      return
    }
    log.log('warn', `received ${name} indicating exit request`)
    if (typeof meaning === 'number') ending.endWith(meaning)
    else shutdown()
  }
  const handlers = Object.entries(table).map(([name, meaning]) => [name, act(name as NodeJS.Signals, meaning)])
  const release = onSignals(Object.fromEntries(handlers) as Parameters<typeof onSignals>[0])
  const ignore = () => {
    isOver = true
  }
  return { ignore, release }
}
