// Functions with which tests wait for an event, with one limit for all waits. The limit does not measure speed: a loaded
// machine needs much less time, so a wait that reaches the limit means that the event does not come.

import { setTimeout as delay } from 'node:timers/promises'

/** How long a test waits for one event, or for one command to end, in milliseconds. */
export const LIMIT_MS = 120_000

/** How long a whole test may take, in milliseconds: more than one wait, so that the wait can report the missing event. */
export const TEST_LIMIT_MS = 5 * LIMIT_MS

const PAUSE_MS = 10

/**
 * Resolves when `check` succeeds: when it gives any value except false, and does not throw. Calls it again after some
 * milliseconds, because files, processes and sockets of other programs send no events to tests.
 * At the limit, rejects with the last error of `check`, or with `what`.
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

/** A pause between changes of a test, in milliseconds. It varies their times; it must not be used to wait for an effect. */
export function pauseBetweenChanges(ms: number): Promise<void> {
  return delay(ms)
}

/** Gives the result of the promise, or rejects with `what` at the limit. */
export async function withinLimit<T>(promise: Promise<T>, what: () => string): Promise<T> {
  const limit = new AbortController()
  const late = delay(LIMIT_MS, undefined, { signal: limit.signal }).then(
    () => Promise.reject(new Error(`not within ${LIMIT_MS / 1000} seconds: ${what()}`)),
    () => new Promise<never>(() => {}),
  )
  return Promise.race([promise, late]).finally(() => limit.abort())
}
