// Keeps the daemon's heap small. V8 trades memory for speed that a supervisor never needs: its young generation grows to
// 16 MiB at the first burst of work and keeps that. The flags are set by the running program, not on node's command
// line: there they would make Node throw away the compiled form of its own modules, 50 ms at each start. For the same
// reason they are set when all is loaded that the start needs.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** From now on the young generation does not grow, and the rest is collected before it grows much. */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--optimize-for-size')
}

/** What makes a collection thorough: pages are packed, and code that ran once is dropped (it is compiled again if ever needed). */
const THOROUGH = ['compact-on-every-full-gc', 'flush-baseline-code', 'stress-flush-code'] as const

/**
 * Collects all garbage now, about 20 ms: for the moment after the work of a start,
 * which is not to come again. The second round drops what the first left without owner.
 */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof collect !== 'function') return
  for (const flag of THOROUGH) setFlagsFromString(`--${flag}`)
  collect()
  collect()
  for (const flag of THOROUGH) setFlagsFromString(`--no-${flag}`)
}
