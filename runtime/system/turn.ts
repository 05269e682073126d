// Turns of the event loop.

/**
 * Resolves in a turn of its own: everything that was resolved before has been handled, and what another caller that
 * waits here does without further events happens completely before or after.
 */
export function ownTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
