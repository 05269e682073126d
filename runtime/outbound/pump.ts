// Sends items to another server one after the other, in order. A failed attempt is repeated after a delay that doubles, up to
// five minutes, each shortened by up to a half at random, so that many daemons do not come at once. An idle pump has no timer.

import type { Clock, Timer } from '../system/clock.ts'
import type { Outcome } from './outcome.ts'
import type { Trouble } from './trouble.ts'

const FIRST_DELAY_MS = 1000
const LONGEST_DELAY_MS = 5 * 60_000
/** No server may ask for a longer delay. */
const LONGEST_WISH_MS = 60 * 60_000

/** What a pump needs. */
export interface PumpParts<Item> {
  readonly clock: Clock
  readonly trouble: Trouble
  /** How often one item is tried. */
  readonly attempts: number
  /** The next item; undefined when there is none now. */
  next(): Item | undefined
  /** Makes one attempt. Aborting it ends the attempt early. Never rejects. */
  send(item: Item, abort: AbortSignal): Promise<Outcome>
  /** The item was sent, refused, or has failed for the last time. */
  settled(item: Item, outcome: Outcome): void
  /** Called when a delivery fails for a reason that is a bug. */
  reportBug(error: unknown): void
}

/** Sends items. */
export class Pump<Item> {
  readonly #parts: PumpParts<Item>
  readonly #abort = new AbortController()
  #isRunning = false
  #running: Promise<void> = Promise.resolve()
  #isClosing = false
  #endPause: (() => void) | undefined

  constructor(parts: PumpParts<Item>) {
    this.#parts = parts
  }

  /** Begins to send, unless it is sending already: there is a next item. */
  wake(): void {
    if (this.#isClosing) return
    this.#start()
  }

  /** Sends what is left, each item once, for at most so many milliseconds; stops at the first failure. */
  async close(limitMs: number): Promise<void> {
    this.#isClosing = true
    this.#endPause?.()
    this.#start()
    await new Promise<void>((resolve) => {
      const timer = this.#parts.clock.after(limitMs, () => {
        this.#abort.abort()
        resolve()
      })
      void this.#running.finally(() => {
        timer.cancel()
        resolve()
      })
    })
  }

  /** Ends an attempt that is under way, and begins no other one. */
  stop(): void {
    this.#isClosing = true
    this.#abort.abort()
    this.#endPause?.()
  }

  #start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#running = this.#run().catch((error: unknown) => this.#parts.reportBug(error))
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        const item = this.#abort.signal.aborted ? undefined : this.#parts.next()
        if (item === undefined) return
        const outcome = await this.#deliver(item)
        if (outcome === undefined) return
        this.#parts.settled(item, outcome)
      }
    } finally {
      // in the turn in which next() had nothing, so that no wake() is lost
      this.#isRunning = false
    }
  }

  /** Undefined when the pump is closed before the item is sent. */
  async #deliver(item: Item): Promise<Outcome | undefined> {
    const { trouble, attempts, send } = this.#parts
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await send(item, this.#abort.signal)
      if (outcome.kind === 'sent') trouble.recovered()
      else trouble.failed(outcome.reason)
      if (outcome.kind !== 'failed') return outcome
      if (this.#isClosing) return undefined
      if (attempt >= attempts) return outcome
      await this.#pause(delayMs(attempt, outcome.afterMs))
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer: Timer = this.#parts.clock.after(ms, resolve)
      this.#endPause = () => {
        timer.cancel()
        resolve()
      }
    })
  }
}

/** The delay before the next attempt. `wish` is what the server asked for. */
export function delayMs(attempt: number, wish: number | undefined, random = Math.random()): number {
  const doubled = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt - 1, 20))
  const own = doubled * (1 - random / 2)
  return wish === undefined ? own : Math.max(own, Math.min(wish, LONGEST_WISH_MS))
}
