// Turns of the event loop.

/**
 * Resolves in a turn of its own: everything that was resolved before has been handled, and what another caller that
 * waits here does without further events happens completely before or after.
 */
export function ownTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** So long the calls of one turn may take together. */
const CALLS_MS = 2
/** The most calls in one turn. */
const MOST_CALLS = 32
/** In each turn of the event loop Node.js accepts only one connection; so many turns come after calls that took long. */
const MOST_TURNS_BETWEEN = 32
/** So many turns for each CALLS_MS that the calls took, but no longer than so many times the time of the calls. */
const TURNS_PER_SHARE = 8
const TIMES_BETWEEN = 4

const line: (() => void)[] = []
/** `gathering`: calls are arranged for this turn, and more may be. `busy`: calls are made, or turns for others follow them. */
let state: 'idle' | 'gathering' | 'busy' = 'idle'
let arranged = 0
let begunMs = 0
let endedMs = 0

/**
 * As ownTurn(), but callers wait in a line, in the order in which they came. Those whose work is short are called in one turn, so
 * that many clients are answered also when each turn is long, as it is while programs write much. After work that took long
 * events come in between: so it makes neither new connections nor those who use ownTurn() wait for all of the line.
 */
export function turnInLine(): Promise<void> {
  return new Promise((resolve) => {
    line.push(resolve)
    if (state === 'busy') return
    state = 'gathering'
    arrangeCall()
  })
}

function arrangeCall(): void {
  if (arranged >= MOST_CALLS) return
  arranged += 1
  setImmediate(callNext)
  // what the call begins without further events is done when this one comes
  setImmediate(() => (endedMs = performance.now()))
}

function callNext(): void {
  arranged -= 1
  const isFirst = state === 'gathering'
  if (isFirst) {
    state = 'busy'
    begunMs = performance.now()
    setImmediate(proceed)
  }
  if (isFirst || performance.now() - begunMs < CALLS_MS) line.shift()?.()
}

/** In the turn after the calls. */
function proceed(): void {
  if (line.length === 0) state = 'idle'
  else afterTurns(turnsAfter(endedMs - begunMs), endedMs + (endedMs - begunMs) * TIMES_BETWEEN)
}

/** How many turns come after calls that took so long together. */
export function turnsAfter(ms: number): number {
  return ms < CALLS_MS ? 0 : Math.min(MOST_TURNS_BETWEEN, Math.ceil((ms / CALLS_MS) * TURNS_PER_SHARE))
}

function afterTurns(turns: number, lastMs: number): void {
  if (turns > 0 && performance.now() < lastMs) {
    setImmediate(() => afterTurns(turns - 1, lastMs))
    return
  }
  state = 'gathering'
  for (let count = 0; count < line.length; count += 1) arrangeCall()
}
