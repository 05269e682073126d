// Processes that the brain before ran and that are no longer configured: they are stopped. Their settings are gone with
// that brain, so it is as for a program without any: SIGTERM to the group, SIGKILL after ten seconds.

import { closeSync } from 'node:fs'
import type { Logger } from './log/sink.ts'
import type { HeldSlot, Shim } from './shim/shim.ts'
import type { Clock, Timer } from './system/clock.ts'
import { SIGKILL } from './system/signals.ts'

const SIGTERM = 15

/** Source: supervisor 4.2.5, the default of stopwaitsecs. */
const PATIENCE_MS = 10_000

/** Stops what nobody wants any more. */
export class Unclaimed {
  readonly #options: { readonly shim: Shim; readonly clock: Clock; readonly log: Logger }
  readonly #timers = new Map<string, Timer>()

  constructor(options: { readonly shim: Shim; readonly clock: Clock; readonly log: Logger }) {
    this.#options = options
  }

  /** Takes a slot that no service wants. */
  take({ id, process, stdin, stdout, stderr }: HeldSlot): void {
    const { shim, clock, log } = this.#options
    for (const fd of [stdin, stdout, stderr]) if (fd !== undefined) closeSync(fd)
    if (process === undefined || process.end !== undefined) {
      shim.forget(id)
      return
    }
    const { pid } = process
    log.log('info', `stopping ${id} (pid ${pid}), which is no longer configured`)
    const send = (signal: number) => void shim.kill(pid, signal, 'group').catch(() => false)
    send(SIGTERM)
    this.#timers.set(
      id,
      clock.after(PATIENCE_MS, () => send(SIGKILL)),
    )
  }

  /** Takes the end of a process; false when it is none of ours. */
  exited(id: string): boolean {
    if (!this.#timers.has(id)) return false
    this.#timers.get(id)?.cancel()
    this.#timers.delete(id)
    this.#options.shim.forget(id)
    return true
  }
}
