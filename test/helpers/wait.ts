// How tests wait: for an event, with one limit for all. The limit is no measure of speed: it is far above what a loaded
// machine needs, so reaching it means that the event does not come.

import { setTimeout as delay } from 'node:timers/promises'

/** How long a test waits for one event, or for one command to end, in milliseconds. */
export const LIMIT_MS = 120_000

/** How long a whole test may take, in milliseconds: more than one wait, so that the wait can say what did not come. */
export const TEST_LIMIT_MS = 5 * LIMIT_MS

const PAUSE_MS = 10

/**
 * Resolves when `check` holds: when it gives anything but false without throwing. Looks again after some milliseconds,
 * because files, processes and sockets of other programs send no events here.
 * Rejects with what `check` threw last, or with `what`, when the limit is reached.
 */
export async function eventually(check: () => unknown, what = 'the condition holds'): Promise<void> {
  const deadlineMs = performance.now() + LIMIT_MS
  for (;;) {
    try {
      if ((await check()) !== false) return
      if (performance.now() > deadlineMs) throw new Error(`not within ${LIMIT_MS / 1000} seconds: ${what}`)
    } catch (error) {
      if (performance.now() > deadlineMs) throw error
    }
    await delay(PAUSE_MS)
  }
}

/** A pause between changes that a test makes, in milliseconds: to vary their times, never to wait for what they do. */
export function pauseBetweenChanges(ms: number): Promise<void> {
  return delay(ms)
}

/** The promise, or a rejection with `what` when the limit is reached first. */
export async function withinLimit<T>(promise: Promise<T>, what: () => string): Promise<T> {
  const limit = new AbortController()
  const late = delay(LIMIT_MS, undefined, { signal: limit.signal }).then(
    () => Promise.reject(new Error(`not within ${LIMIT_MS / 1000} seconds: ${what()}`)),
    () => new Promise<never>(() => {}),
  )
  return Promise.race([promise, late]).finally(() => limit.abort())
}
