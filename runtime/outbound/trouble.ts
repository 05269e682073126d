// Reports that deliveries to a server fail, that something was dropped, and that deliveries work again: as a line of the
// daemon's log and as an event, once a minute at most while the trouble lasts.

import type { DeliveryEvent } from '../events/event.ts'
import type { Logger } from '../log/sink.ts'
import type { Clock } from '../system/clock.ts'

const SILENCE_MS = 60_000

/** What it needs. */
export interface TroubleParts {
  readonly clock: Clock
  readonly log: Logger
  readonly emit: (event: DeliveryEvent) => void
  readonly to: DeliveryEvent['to']
  readonly target: string
  /** What is dropped: `events`, `lines`. */
  readonly noun: string
}

/** The trouble of one server. */
export class Trouble {
  readonly #parts: TroubleParts
  #saidAtMs: number | undefined
  /** The last line said that deliveries fail. */
  #hasSaidFailure = false
  #reason = ''
  /** Since the last event. */
  #dropped = 0

  constructor(parts: TroubleParts) {
    this.#parts = parts
  }

  /** Why the last attempt failed; empty when it did not fail. */
  get reason(): string {
    return this.#reason
  }

  /** An attempt failed. */
  failed(reason: string): void {
    this.#reason = reason
    if (this.#say(reason)) this.#hasSaidFailure = true
  }

  /** So many events or lines were dropped. */
  dropped(count: number, reason: string): void {
    this.#dropped += count
    this.#say(reason)
  }

  /** An attempt succeeded. */
  recovered(): void {
    this.#reason = ''
    if (!this.#hasSaidFailure) return
    this.#hasSaidFailure = false
    const { to, target, noun, log, emit } = this.#parts
    log.log('info', `${this.#title} gets ${noun} again${this.#lost}`)
    emit({ type: 'delivery', to, target, ok: true, reason: '', dropped: this.#dropped })
    this.#dropped = 0
  }

  get #title(): string {
    return `${this.#parts.to === 'webhook' ? 'webhook' : 'log target'} ${this.#parts.target}`
  }

  get #lost(): string {
    return this.#dropped === 0 ? '' : `; ${this.#dropped} ${this.#parts.noun} were dropped`
  }

  /** False when it is too early to say something again. */
  #say(reason: string): boolean {
    const { clock, log, emit, to, target } = this.#parts
    const nowMs = clock.nowMs()
    if (this.#saidAtMs !== undefined && nowMs - this.#saidAtMs < SILENCE_MS) return false
    this.#saidAtMs = nowMs
    log.log('warn', `${this.#title}: ${reason}${this.#lost}`)
    emit({ type: 'delivery', to, target, ok: false, reason, dropped: this.#dropped })
    this.#dropped = 0
    return true
  }
}
