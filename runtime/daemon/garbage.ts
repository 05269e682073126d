// Frees memory when the daemon has little to do: after the programs were started, and after another configuration was
// applied. A collection amid the starts would free little, so it waits until no unit is on its way up and no event has
// occurred for a second. A program that fails again and again causes events without end, so the wait has a limit.

import { collectGarbage } from '../system/heap.ts'
import type { DaemonContext, OpenPart, Part } from './part.ts'

const QUIET_MS = 1000
const MOST_WAITS = 60

/** Collects garbage at quiet moments. */
export const garbage: Part = {
  name: 'garbage collection',
  open: (context) => collectWhenQuiet(context, collectGarbage),
}

/** Calls `collect` once at the first quiet moment, and once more after each configuration that follows. */
export function collectWhenQuiet(
  { clock, bus, supervisor }: Pick<DaemonContext, 'clock' | 'bus'> & { supervisor: Starting },
  collect: () => void,
): OpenPart {
  const isStarting = (): boolean => supervisor.services().some((unit) => unit.standing('ready') === 'coming')
  const wait = (waits: number) => {
    const before = bus.number
    return clock.after(QUIET_MS, () => {
      if (waits < MOST_WAITS && (bus.number !== before || isStarting())) timer = wait(waits + 1)
      else collect()
    })
  }
  let timer = wait(1)
  return {
    close: () => timer.cancel(),
    follow: () => {
      timer.cancel()
      timer = wait(1)
    },
  }
}

/** The units of a supervisor, of which some may be starting. */
interface Starting {
  services(): readonly { standing(reached: 'ready'): unknown }[]
}
