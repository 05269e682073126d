// TICK events: one when the wall clock enters a new interval of 5, 60 or 3600 seconds. A timer runs only while a
// listener wants one of them. Source: supervisor 4.2.5, supervisord.Supervisor.tick, which looks once a second.

import type { Clock, Timer } from '../system/clock.ts'

/** Lengths of the intervals in seconds. */
export const TICKS = [5, 60, 3600] as const

/** One of the lengths. */
export type Tick = (typeof TICKS)[number]

/** Reports the beginning of intervals. */
export class Ticker {
  readonly #clock: Clock
  readonly #tell: (tick: Tick, startSecs: number) => void
  readonly #slices = new Map<Tick, number>()
  #timer: Timer | undefined

  /** `tell` gets the length of the interval and its beginning. */
  constructor(clock: Clock, tell: (tick: Tick, startSecs: number) => void) {
    this.#clock = clock
    this.#tell = tell
  }

  /** From now on these intervals are reported, and no others. */
  use(wanted: readonly Tick[]): void {
    for (const tick of TICKS) {
      if (!wanted.includes(tick)) this.#slices.delete(tick)
      else if (!this.#slices.has(tick)) this.#slices.set(tick, this.#startOf(tick))
    }
    this.#wait()
  }

  #wait(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    const [shortest] = [...this.#slices.keys()].sort((a, b) => a - b)
    if (shortest === undefined) return
    const restMs = (this.#startOf(shortest) + shortest) * 1000 - this.#clock.wallMs()
    this.#timer = this.#clock.after(restMs, () => this.#look())
  }

  #look(): void {
    for (const [tick, before] of [...this.#slices].sort(([a], [b]) => a - b)) {
      const start = this.#startOf(tick)
      if (start === before) continue
      this.#slices.set(tick, start)
      this.#tell(tick, start)
    }
    this.#wait()
  }

  #startOf(tick: Tick): number {
    return Math.floor(this.#clock.wallMs() / 1000 / tick) * tick
  }
}
