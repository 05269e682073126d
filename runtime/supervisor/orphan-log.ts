// Lines about processes that no service knows and that the daemon had to reap. A service can make any number of them, so only some
// lines are written each second; the others are counted. Source of the line: supervisor 4.2.5, Supervisor.reap.

import type { Logger } from '../log/sink.ts'
import type { Clock } from '../system/clock.ts'

/** The most lines in each window. */
const MOST_LINES = 20
const WINDOW_MS = 1000

/** Writes the lines. */
export class OrphanLog {
  readonly #log: Logger
  readonly #clock: Clock
  #written = 0
  #left = 0
  #windowEndMs = 0

  constructor({ log, clock }: { log: Logger; clock: Clock }) {
    this.#log = log
    this.#clock = clock
  }

  /** A process with this number has ended, `how` as a sentence. */
  add(pid: number, how: string): void {
    const now = this.#clock.nowMs()
    if (now >= this.#windowEndMs) {
      this.#written = 0
      this.#windowEndMs = now + WINDOW_MS
    }
    if (this.#written < MOST_LINES) {
      this.#written += 1
      this.#log.log('info', `reaped unknown pid ${pid} (${how})`)
      return
    }
    if (this.#left === 0) this.#clock.after(this.#windowEndMs - now, () => this.#tell())
    this.#left += 1
  }

  #tell(): void {
    this.#log.log('info', `reaped ${this.#left} more unknown pids`)
    this.#left = 0
  }
}
