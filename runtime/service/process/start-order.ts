// Reports processes that start at the same time in the order in which their starts were requested, as supervisord does:
// the log, events and event listeners rely on it. The helper answers when a program runs, and that may be sooner for
// the second than for the first. A start that takes long, on a file system that does not answer, delays the others by
// one second at most.

import type { Clock } from '../../system/clock.ts'

const MOST_MS = 1000

/** Keeps the order of the starts of one supervisor. */
export class StartOrder {
  readonly #clock: Pick<Clock, 'after'>
  #before: Promise<unknown> = Promise.resolve()
  #running = 0

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock
  }

  /** The result of `start`, after the results of all starts that were requested earlier. */
  async inOrder<T>(start: Promise<T>): Promise<T> {
    const before = this.#running === 0 ? undefined : this.#before
    this.#running += 1
    const done = start.then(
      () => (this.#running -= 1),
      () => (this.#running -= 1),
    )
    this.#before = this.#atMost(Promise.all([before, done]))
    if (before !== undefined) await before
    return start
  }

  /** Resolves with the promise, or when the time is over. */
  #atMost(promise: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.after(MOST_MS, resolve)
      void promise.then(() => {
        timer.cancel()
        resolve()
      })
    })
  }
}
