// Watches the native helper. When the helper ends, nothing can be supervised, so the daemon ends too. While it does not
// answer, verbs of control fail instead of waiting, /healthz reports it, and a shutdown waits a limited time: then the
// helper is killed, and all programs end with it. When it answers again, everything works as before.

import { readFileSync } from 'node:fs'
import type { ControlledHelper } from '../control/operations/supervised.ts'
import { ControlError } from '../control/operations/errors.ts'
import type { Logger } from '../log/sink.ts'
import type { Shim, ShimEvents } from '../shim/shim.ts'
import type { Supervisor } from '../supervisor/supervisor.ts'
import type { Clock, Timer } from '../system/clock.ts'
import type { Ending } from './ending.ts'

/** Exit code when the helper is lost. */
const LOST = 101
/** How often the watch looks for a request to end the daemon, while the helper does not answer. */
const LOOK_MS = 1000
/** How long a shutdown waits for a helper that does not answer. */
const PATIENCE_MS = 5000
/** SIGINT, SIGQUIT and SIGTERM in a mask of pending signals. */
const END_SIGNALS = (1n << 1n) | (1n << 2n) | (1n << 14n)

/** What a HelperWatch needs. */
export interface HelperWatchParts {
  readonly log: Logger
  readonly clock: Clock
  readonly ending: Ending
}

/** Watches the helper of one daemon. */
export class HelperWatch implements ControlledHelper {
  readonly #parts: HelperWatchParts
  readonly #waiting = new Set<(error: Error) => void>()
  #shim: Shim | undefined
  #supervisor: Supervisor | undefined
  #timer: Timer | undefined
  #stoppingMs = 0

  constructor(parts: HelperWatchParts) {
    this.#parts = parts
  }

  /** The functions that the shim calls. */
  get events(): ShimEvents {
    return {
      exited: (...end) => this.#supervisor?.exited(...end),
      orphan: (pid, status) => this.#supervisor?.orphan(pid, status),
      lost: (reason) => this.#lost(reason),
      stalled: (isAnswering) => this.#changed(isAnswering),
    }
  }

  /** Sets what is watched: it is known only after the shim was opened with `events`. */
  connect(shim: Shim, supervisor: Supervisor): void {
    this.#shim = shim
    this.#supervisor = supervisor
  }

  get isAnswering(): boolean {
    return this.#shim?.isAnswering !== false
  }

  async responds(): Promise<boolean> {
    return (await this.#shim?.responds()) !== false
  }

  async whileAnswering<T>(work: Promise<T>): Promise<T> {
    let giveUp: (error: Error) => void = () => {}
    const silence = new Promise<never>((_, reject) => {
      giveUp = reject
    })
    if (!this.isAnswering) giveUp(new ControlError('UNAVAILABLE'))
    this.#waiting.add(giveUp)
    try {
      return await Promise.race([work, silence])
    } finally {
      this.#waiting.delete(giveUp)
    }
  }

  /** Ends the watch. */
  close(): void {
    this.#timer?.cancel()
  }

  #lost(reason: string): void {
    this.close()
    this.#parts.log.log('critical', `the helper that runs the programs is gone: ${reason}`)
    this.#parts.ending.resolve(LOST)
  }

  #changed(isAnswering: boolean): void {
    const { log } = this.#parts
    this.#timer?.cancel()
    if (isAnswering) {
      log.log('warn', 'the helper that runs the programs answers again')
      return
    }
    log.log('critical', 'the helper that runs the programs does not answer; requests fail until it does')
    for (const giveUp of this.#waiting) giveUp(new ControlError('UNAVAILABLE'))
    this.#stoppingMs = 0
    this.#look()
  }

  /** Looks for a signal that the helper has got and not passed on: it ends the daemon too. */
  #look(): void {
    const { log, clock, ending } = this.#parts
    const isStopping = this.#supervisor?.phase === 'stopping'
    if (!isStopping && isEndPending(this.#shim?.reaper)) ending.begin(0)
    if (isStopping && this.#stoppingMs >= PATIENCE_MS) {
      log.log('critical', 'killing the helper, because it does not answer and the daemon is to end')
      this.#shim?.abandon()
      return
    }
    if (isStopping) this.#stoppingMs += LOOK_MS
    this.#timer = clock.after(LOOK_MS, () => this.#look())
  }
}

/** Whether a signal that asks for the end is pending in a process. */
function isEndPending(pid: number | undefined): boolean {
  if (pid === undefined) return false
  try {
    const masks = readFileSync(`/proc/${pid}/status`, 'utf8').matchAll(/^(?:SigPnd|ShdPnd):\s*([\da-f]+)$/gm)
    return [...masks].some(([, mask]) => (BigInt(`0x${mask}`) & END_SIGNALS) !== 0n)
  } catch {
    return false
  }
}
