// How often a pool of event listeners is offered an event that it refuses, and what is logged about it. supervisord
// offers it again at once, without end. Here only the first times are at once; then there are pauses from 0.1 to 10
// seconds, so that a listener which refuses everything neither keeps the daemon busy nor fills its log. An accepted
// event resets the count.

import type { Clock, Timer } from '../system/clock.ts'

/** So many refusals in a row are followed by an offer at once. */
const AT_ONCE = 5
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 10_000

/** The refusals of one pool. */
export class Refusals {
  readonly #clock: Clock
  readonly #goOn: () => void
  #row = 0
  #timer: Timer | undefined

  /** `goOn` is called at the end of each pause. */
  constructor(clock: Clock, goOn: () => void) {
    this.#clock = clock
    this.#goOn = goOn
  }

  /** Whether events are not offered now. */
  get isPausing(): boolean {
    return this.#timer !== undefined
  }

  /** An event was accepted. */
  accepted(): void {
    this.#row = 0
  }

  /**
   * An event was refused. Gives a line for the log for each of the first refusals, then for the 10th, 100th, 1000th …
   * in a row.
   */
  refused(): string | undefined {
    this.#row += 1
    const row = this.#row
    if (row > AT_ONCE) this.#pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (row - AT_ONCE - 1)))
    if (row <= AT_ONCE) return 'event was rejected'
    return Number.isInteger(Math.log10(row)) ? `event was rejected, ${row} times in a row` : undefined
  }

  /** Cancels the pause. */
  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #pause(pauseMs: number): void {
    this.#timer?.cancel()
    this.#timer = this.#clock.after(pauseMs, () => {
      this.#timer = undefined
      this.#goOn()
    })
  }
}
