// Turns of the event loop.

/**
 * Resolves in a turn of its own: everything that was resolved before has been handled, and what another caller that
 * waits here does without further events happens completely before or after.
 */
export function ownTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

const line: (() => void)[] = []
/** In each turn of the event loop Node.js accepts only one connection; so many turns are between two callers in line. */
const TURNS_BETWEEN = 32

/**
 * As ownTurn(), but callers wait in a line, in the order in which they came, and events come in between: so what callers do there
 * makes neither new connections nor those who use ownTurn() wait for all of them.
 */
export function turnInLine(): Promise<void> {
  return new Promise((resolve) => {
    line.push(resolve)
    if (line.length === 1) afterTurns(1)
  })
}

function afterTurns(turns: number): void {
  setImmediate(() => {
    if (turns > 1) return afterTurns(turns - 1)
    line[0]?.()
    // the one that was called does its work before the next turn
    setImmediate(() => {
      line.shift()
      if (line.length > 0) afterTurns(TURNS_BETWEEN)
    })
  })
}
