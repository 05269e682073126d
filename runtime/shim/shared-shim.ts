// One shim for all restarts of a daemon within one Node process: a restart keeps the parent of the services and creates
// a new supervisor.

import { openShim } from './open.ts'
import type { Shim, ShimEvents } from './shim.ts'

/** Opens the shim when it is first needed, and reports its events to the object that attached last. */
export class SharedShim {
  readonly #path: string
  #shim: Shim | undefined
  #events: ShimEvents | undefined

  /** `path` is the path of the helper. */
  constructor(path: string) {
    this.#path = path
  }

  /** The shim; from now on its events go to `events`. */
  async attach(events: ShimEvents): Promise<Shim> {
    this.#events = events
    this.#shim ??= await openShim({
      path: this.#path,
      events: {
        exited: (...end) => this.#events?.exited(...end),
        orphan: (pid, status) => this.#events?.orphan(pid, status),
        lost: (reason) => this.#events?.lost(reason),
        stalled: (isAnswering) => this.#events?.stalled?.(isAnswering),
      },
    })
    return this.#shim
  }

  /** From now on no events are reported. */
  detach(): void {
    this.#events = undefined
  }

  /** The next daemon process takes over the processes: close() does not end them. */
  leave(): void {
    this.#shim = undefined
  }

  /** Ends the shim and all processes below it. */
  async close(): Promise<void> {
    await this.#shim?.close()
  }
}
