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

/** Readers that wait for a turn, the one that has waited longest first. */
const waiting = new Set<() => void>()
let isArranged = false

/**
 * Calls the reader in a later turn, as soon as there is time for it: those that wait are called one after the other until the
 * time of a turn is used up. So any number of busy pipes takes no longer in a turn than one.
 */
export function inNextTurn(clock: Clock, reader: () => void): void {
  waiting.add(reader)
  if (isArranged) return
  isArranged = true
  setImmediate(() => {
    isArranged = false
    callWaiting(clock)
  })
}

function callWaiting(clock: Clock): void {
  const isLate = turnLimit(clock)
  // those that are added meanwhile wait for the next turn
  for (const reader of [...waiting]) {
    if (isLate()) break
    waiting.delete(reader)
    reader()
  }
  const [next] = waiting
  if (next !== undefined) inNextTurn(clock, next)
}

function startOfTurn(nowMs: number): number {
  if (turnStartedMs !== undefined) return turnStartedMs
  turnStartedMs = nowMs
  setImmediate(() => {
    turnStartedMs = undefined
  })
  return nowMs
}
