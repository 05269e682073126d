// A clock that tests advance. Timers fire in the order of their times, and their callbacks may set new timers.
// advance() lets pending promises run between timers, so code that awaits behaves as it does in real time.

import type { Clock, Timer } from '../../runtime/system/clock.ts'

interface Alarm {
  readonly atMs: number
  readonly fn: () => void
}

/** A clock whose time changes only when advance() is called. */
export class FakeClock implements Clock {
  #nowMs = 0
  #alarms: Alarm[] = []
  readonly #epochMs: number

  constructor(epochMs = 1_700_000_000_000) {
    this.#epochMs = epochMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  wallMs(): number {
    return this.#epochMs + this.#nowMs
  }

  after(delayMs: number, fn: () => void): Timer {
    const alarm = { atMs: this.#nowMs + Math.max(delayMs, 0), fn }
    this.#alarms.push(alarm)
    return {
      cancel: () => {
        this.#alarms = this.#alarms.filter((other) => other !== alarm)
      },
    }
  }

  /** Timers that have not fired yet. */
  get pending(): number {
    return this.#alarms.length
  }

  /** Advances the time and fires the timers that are due. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    await settle()
    for (let next = this.#due(endMs); next !== undefined; next = this.#due(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      next.fn()
      await settle()
    }
    this.#nowMs = endMs
    await settle()
  }

  #due(endMs: number): Alarm | undefined {
    let first: Alarm | undefined
    for (const alarm of this.#alarms) if (first === undefined || alarm.atMs < first.atMs) first = alarm
    if (first === undefined || first.atMs > endMs) return undefined
    const due = first
    this.#alarms = this.#alarms.filter((alarm) => alarm !== due)
    return due
  }
}

/** Waits until all callbacks that are ready have run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
