// Processes of the previous daemon process that are not configured any more. They are stopped as their notes say; their
// other settings are unknown.

import { closeSync } from 'node:fs'
import type { Logger } from '../log/sink.ts'
import { readNote, type StopRules } from '../service/memory/note.ts'
import { Waiters } from '../service/waiters.ts'
import type { InheritedSlot, Shim } from '../shim/shim.ts'
import type { Clock, Timer } from '../system/clock.ts'
import { SIGKILL } from '../../config/values/signal.ts'

/** Rules for a process without a note. Source: supervisor 4.2.5, the defaults of stopsignal and stopwaitsecs. */
const DEFAULTS: StopRules = { stopsignal: 15, stopwaitsecs: 10, stopasgroup: true, killasgroup: true }

/** What an Unclaimed needs. */
export interface UnclaimedOptions {
  readonly shim: Shim
  readonly clock: Clock
  readonly log: Logger
}

/** Stops processes that are not configured any more. */
export class Unclaimed {
  readonly #options: UnclaimedOptions
  readonly #left = new Map<string, { readonly timer: Timer; kill(): void }>()
  readonly #waiters = new Waiters()

  constructor(options: UnclaimedOptions) {
    this.#options = options
  }

  /** Takes a slot that belongs to no unit, and stops its process. */
  take({ id, note, process, stdin, stdout, stderr, notify }: InheritedSlot): void {
    const { shim, clock, log } = this.#options
    for (const fd of [stdin, stdout, stderr, notify]) if (fd !== undefined) closeSync(fd)
    if (process === undefined || process.end !== undefined) {
      shim.forget(id)
      return
    }
    const { pid } = process
    const { stopsignal, stopwaitsecs, stopasgroup, killasgroup } = readNote(note)?.stop ?? DEFAULTS
    const send = (signal: number, toGroup: boolean): void => {
      if (signal !== 0) shim.kill(pid, signal, toGroup ? 'group' : 'process').catch(() => {})
    }
    const overdue = (): void => {
      log.log('warn', `killing '${id}' (${pid}) with SIGKILL`)
      send(SIGKILL, killasgroup)
    }
    log.log('info', `stopping ${id} (pid ${pid}), which is no longer configured`)
    send(stopsignal, stopasgroup)
    this.#left.set(id, { timer: clock.after(stopwaitsecs * 1000, overdue), kill: () => send(SIGKILL, true) })
  }

  /** Sends SIGKILL to all of them now. */
  kill(): void {
    for (const { kill } of this.#left.values()) kill()
  }

  /** Resolves when no such process is left. */
  async gone(): Promise<void> {
    await this.#waiters.until(() => (this.#left.size === 0 ? true : undefined))
  }

  /** Reports the end of a process; false when it is not one of these. */
  exited(id: string): boolean {
    const left = this.#left.get(id)
    if (left === undefined) return false
    left.timer.cancel()
    this.#left.delete(id)
    this.#options.shim.forget(id)
    this.#waiters.wake()
    return true
  }
}
