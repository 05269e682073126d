// Restarts a unit for a part of the daemon. No client waits for the outcome, so a command that cannot be executed is
// logged; all other failures are logged by the unit itself.

import { splitUnitId } from '../../config/model/names.ts'
import type { DaemonContext } from './part.ts'

/** Stops the unit if it is up, and starts it. */
export function restartUnit(id: string, { supervisor, log, controlled }: DaemonContext): void {
  const { group, name: process } = splitUnitId(id)
  for (const done of supervisor.order.restart([id]).values())
    done.then((outcome) => {
      if (typeof outcome === 'string' || outcome.ok) return
      const rest = supervisor.find(group, process)?.isUp === true ? '; its process keeps running' : ''
      log.log('error', `${process} is not restarted: ${outcome.message}${rest}`, { group, process })
    }, controlled.reportBug)
}
