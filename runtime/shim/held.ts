// One shim for all lives of a daemon: a restart keeps the parent of the services and puts another supervisor above it.

import { openShim } from './open.ts'
import type { Shim, ShimEvents } from './shim.ts'

/** Opens the shim when it is first needed, and tells whoever holds it last. */
export class HeldShim {
  readonly #path: string
  #shim: Shim | undefined
  #events: ShimEvents | undefined

  /** `path`: where the helper should be. */
  constructor(path: string) {
    this.#path = path
  }

  /** The shim; from now on it tells these. */
  async hold(events: ShimEvents): Promise<Shim> {
    this.#events = events
    this.#shim ??= await openShim({
      path: this.#path,
      events: {
        exited: (id, pid, status) => this.#events?.exited(id, pid, status),
        orphan: (pid, status) => this.#events?.orphan(pid, status),
        lost: (reason) => this.#events?.lost(reason),
      },
    })
    return this.#shim
  }

  /** Nobody is told any more. */
  release(): void {
    this.#events = undefined
  }

  /** The processes are the next brain's affair: close() leaves them alone. */
  leave(): void {
    this.#shim = undefined
  }

  /** Ends the shim with all that still lives below it. */
  async close(): Promise<void> {
    await this.#shim?.close()
  }
}
