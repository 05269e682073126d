// One log target: keeps lines until they are sent in batches, and counts. Programs never wait for it: what does not fit into its
// buffer is dropped.

import type { LogTarget as Settings } from '../../config/settings/receivers.ts'
import { matcherOf, shownAddress } from '../../config/values/patterns.ts'
import type { DeliveryEvent } from '../events/event.ts'
import type { Logger } from '../log/sink.ts'
import type { SyslogSender } from '../log/syslog.ts'
import { Pump } from '../outbound/pump.ts'
import type { Outcome } from '../outbound/outcome.ts'
import { Trouble } from '../outbound/trouble.ts'
import type { Clock, Timer } from '../system/clock.ts'
import { type Block, LineQueue, linesIn } from './line-queue.ts'
import { type LogRecord, recordsOf } from './records.ts'
import { type Batch, type Sender, senderFor } from './senders.ts'

/** What log targets need of the daemon. */
export interface LogTargetParts {
  readonly clock: Clock
  readonly log: Logger
  /** The name of this machine. */
  readonly host: string
  /** The version of kahi. */
  readonly version: string
  readonly datagrams: SyslogSender
  emit(event: DeliveryEvent): void
  reportBug(error: unknown): void
}

/** How a log target is doing. Counts are those since it was opened. */
export interface LogTargetStatus {
  readonly name: string
  readonly kind: string
  /** Without secrets. */
  readonly url: string
  readonly queuedBytes: number
  readonly sentLines: number
  readonly droppedLines: number
  /** Why the last attempt failed; empty when it did not. */
  readonly lastError: string
}

/** The most bytes of output in one batch. */
const BATCH_BYTES = 256 * 1024

/** One log target. */
export class LogTarget {
  readonly settings: Settings
  /** Whether output of the program (`web`, its group, `group:name`) and stream is sent. */
  readonly wants: (names: readonly string[], stream: string) => boolean
  readonly #clock: Clock
  readonly #queue: LineQueue
  readonly #trouble: Trouble
  readonly #sender: Sender
  readonly #pump: Pump<Batch>
  #timer: Timer | undefined
  #dueMs = 0
  #isFlushing = false
  #taken = 0
  #lastNs = 0n
  #sent = 0
  #dropped = 0

  constructor(settings: Settings, parts: LogTargetParts) {
    const { clock, log, reportBug } = parts
    const { name, programs, streams, buffer } = settings
    this.settings = settings
    this.#clock = clock
    const isOf = matcherOf(programs)
    this.wants = (names, stream) => streams.includes(stream) && isOf(names)
    this.#queue = new LineQueue(buffer)
    this.#sender = senderFor(settings, parts)
    this.#trouble = new Trouble({ clock, log, emit: parts.emit, to: 'log-target', target: name, noun: 'lines' })
    this.#pump = new Pump({
      clock,
      reportBug,
      trouble: this.#trouble,
      attempts: Number.POSITIVE_INFINITY,
      next: () => this.#next(),
      send: (batch, abort) => this.#sender.send(batch, abort),
      settled: (batch, outcome) => this.#settled(batch, outcome),
    })
  }

  get status(): LogTargetStatus {
    const { name, kind, url } = this.settings
    return {
      name,
      kind,
      url: shownAddress(url),
      queuedBytes: this.#queue.bytes,
      sentLines: this.#sent,
      droppedLines: this.#dropped,
      lastError: this.#trouble.reason,
    }
  }

  /** Whether so many bytes find no room. */
  isFullFor(bytes: number): boolean {
    return this.#queue.isFullFor(bytes)
  }

  /** Counts lines that found no room. */
  drop(bytes: Buffer): void {
    this.#lost(linesIn(bytes), 'its buffer is full')
  }

  /** Takes lines. */
  add(block: Block): void {
    const isFirst = this.#queue.isEmpty
    this.#queue.add(block)
    if (isFirst) this.#wait()
    if (this.#queue.bytes >= BATCH_BYTES) this.#pump.wake()
  }

  /** Sends what waits for at most so many milliseconds, and ends. Gives the number of lines that are lost. */
  async close(limitMs: number): Promise<number> {
    this.#isFlushing = true
    this.#timer?.cancel()
    await this.#pump.close(limitMs)
    this.#pump.stop()
    await this.#sender.close()
    return this.#queue.countLines() + this.#taken
  }

  #wait(): void {
    const waitMs = this.settings.batch_wait * 1000
    this.#dueMs = this.#clock.nowMs() + waitMs
    this.#timer?.cancel()
    this.#timer = this.#clock.after(waitMs, () => {
      this.#timer = undefined
      this.#pump.wake()
    })
  }

  #next(): Batch | undefined {
    while (!this.#queue.isEmpty) {
      const isDue = this.#isFlushing || this.#timer === undefined || this.#clock.nowMs() >= this.#dueMs
      if (!isDue && this.#queue.bytes < BATCH_BYTES) return undefined
      const records = this.#records(this.#queue.take(BATCH_BYTES))
      if (this.#queue.isEmpty) this.#timer?.cancel()
      else if (!this.#isFlushing) this.#wait()
      this.#taken = records.length
      if (records.length > 0) return this.#sender.batch(records)
      this.#queue.done()
    }
    return undefined
  }

  #records(blocks: readonly Block[]): readonly LogRecord[] {
    const { records, last } = recordsOf(blocks, this.#lastNs)
    this.#lastNs = last
    return records
  }

  #settled({ lines }: Batch, outcome: Outcome): void {
    this.#queue.done()
    this.#taken = 0
    if (outcome.kind !== 'sent') return this.#lost(lines, outcome.reason)
    const { rejected = 0 } = outcome
    this.#sent += lines - Math.min(lines, rejected)
    if (rejected > 0) this.#lost(Math.min(lines, rejected), 'the server rejected lines')
  }

  #lost(lines: number, reason: string): void {
    this.#dropped += lines
    this.#trouble.dropped(lines, reason)
  }
}
