// Processes that services have started in a session of their own, such as databases that become a daemon by themselves. No
// group of a service contains them. At the end of a shutdown they get SIGTERM, and time to end by themselves.

import { SIGCONT, SIGTERM } from '../../config/values/signal.ts'
import type { Logger } from '../log/sink.ts'
import type { Clock } from '../system/clock.ts'

const FIRST_LOOK_MS = 20
const SLOWEST_LOOK_MS = 1000

/** What Strays needs. */
export interface StraysOptions {
  /** Sends a signal to all of them, 0 for none; gives how many there are. */
  readonly signal: (signal: number) => Promise<number>
  readonly clock: Clock
  readonly log: Logger
}

/** All of them. */
export class Strays {
  readonly #options: StraysOptions
  #isHurried = false
  #wake: () => void = () => {}

  constructor(options: StraysOptions) {
    this.#options = options
  }

  /**
   * Sends SIGTERM and SIGCONT, and resolves when none is left, or after `graceMs`; the end of the helper kills the rest.
   * Source: s6-linux-init 1.2, s6-linux-init-shutdownd.
   */
  async end(graceMs: number): Promise<void> {
    const { clock, signal, log } = this.#options
    if (graceMs <= 0 || this.#isHurried) return
    const count = await signal(SIGTERM)
    if (count === 0) return
    log.log(
      'warn',
      `sent SIGTERM to ${count} processes in sessions of their own; SIGKILL follows after ${graceMs / 1000} seconds`,
    )
    await signal(SIGCONT)
    const endMs = clock.nowMs() + graceMs
    for (let delayMs = FIRST_LOOK_MS; !this.#isHurried && (await signal(0)) > 0; delayMs *= 2) {
      const restMs = endMs - clock.nowMs()
      if (restMs <= 0) return
      await this.#pause(Math.min(delayMs, SLOWEST_LOOK_MS, restMs))
    }
  }

  /** One of them may have ended: looks again. */
  ended(): void {
    this.#wake()
  }

  /** Ends the grace period now. */
  hurry(): void {
    this.#isHurried = true
    this.#wake()
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(delayMs, resolve)
      this.#wake = () => {
        timer.cancel()
        resolve()
      }
    })
  }
}
