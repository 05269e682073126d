// The time that all readers of output together may take in one turn of the event loop, so that a flood of output holds up
// neither clients nor other programs.

import type { Clock } from '../system/clock.ts'

const TURN_MS = 2

let turnStartedMs: number | undefined

/** A function that says whether reading has taken long enough in this turn. The readers of one turn share the time. */
export function turnLimit(clock: Clock): () => boolean {
  const startedMs = startOfTurn(clock.nowMs())
  return () => clock.nowMs() - startedMs > TURN_MS
}

function startOfTurn(nowMs: number): number {
  if (turnStartedMs !== undefined) return turnStartedMs
  turnStartedMs = nowMs
  setImmediate(() => {
    turnStartedMs = undefined
  })
  return nowMs
}
