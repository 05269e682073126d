// Keeps the daemon's heap small. V8 uses memory to gain speed that a supervisor does not need: its young generation
// grows to 16 MiB at the first burst of work and stays that large. The flags are set by the running program, not on
// node's command line: there Node.js would discard its compiled modules, which costs 50 ms at each start. For the same
// reason they are set after the start has loaded all modules.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** From now on the young generation does not grow, and the rest is collected before it grows much. */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--optimize-for-size')
}

/**
 * Flags of a thorough collection: pages are compacted, and code that ran only once is dropped. It is compiled again
 * when needed.
 */
const THOROUGH = ['compact-on-every-full-gc', 'flush-baseline-code', 'stress-flush-code'] as const

/**
 * From Node.js 22 on the young generation becomes small again only so: 7 MiB less with Node.js 24. Node.js 20 does nothing when
 * it is given a flavor.
 */
const LAST_RESORT = { type: 'major', execution: 'sync', flavor: 'last-resort' } as const

/**
 * Collects all garbage now, which takes some 20 ms: for the moment after a start, whose work does not come again. The
 * second round drops what became unreachable in the first.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as ((options?: typeof LAST_RESORT) => void) | undefined
  setFlagsFromString('--no-expose-gc')
  if (collect === undefined) return
  for (const flag of THOROUGH) setFlagsFromString(`--${flag}`)
  collect()
  collect()
  collect(LAST_RESORT)
  for (const flag of THOROUGH) setFlagsFromString(`--no-${flag}`)
}
