// The protocol that one process of an event listener speaks on its standard output: READY, then after each event RESULT
// with an answer. Anything else makes it UNKNOWN until its next start. Bytes come in chunks of any size; only those
// that are needed are kept. Source: supervisor 4.2.5, dispatchers.PEventListenerDispatcher.

import type { ResultHandler } from './handlers.ts'

/** The states; a process begins in ACKNOWLEDGED. */
export const STATES = ['ACKNOWLEDGED', 'READY', 'BUSY', 'UNKNOWN'] as const

/** The state of one process. */
export type ListenerState = (typeof STATES)[number]

/** Acts on what the process says. */
export interface ConversationTaker {
  /** The process has answered the event. It is ACKNOWLEDGED already. */
  answered(isAccepted: boolean): void
  /** The process wrote something else than an answer. It is UNKNOWN already. */
  babbled(): void
  turned(from: ListenerState, to: ListenerState): void
  /** A line for the log; comes before its effect. */
  remark(level: 'debug' | 'warn', text: string): void
}

const READY = Buffer.from('READY\n')
const RESULT_BYTES = 'RESULT '.length
const NEWLINE = 10
const NOTHING = Buffer.alloc(0)
/** A longer line is no result line. */
const LONGEST_LINE = 64 * 1024
/** A number as Python's int() accepts it. */
const NUMBER = /^\s*\+?\d+(?:_\d+)*\s*$/

/** The protocol with one process. */
export class Conversation {
  readonly #taker: ConversationTaker
  #state: ListenerState
  #unread: Buffer = NOTHING
  /** Bytes of the answer that are still missing; undefined before its result line. */
  #missing: number | undefined
  /** The beginning of the answer: at most one byte more than the handler uses. */
  #answer: Buffer[] = []
  #kept = 0
  readonly #handler: ResultHandler

  /** `state` is the state in the previous daemon process. */
  constructor(taker: ConversationTaker, handler: ResultHandler, state: ListenerState = 'ACKNOWLEDGED') {
    this.#taker = taker
    this.#handler = handler
    this.#state = state
  }

  get state(): ListenerState {
    return this.#state
  }

  /** An event was sent to the process, which must be READY. */
  ask(): void {
    this.#state = 'BUSY'
  }

  /** The event could not be sent. */
  takeBack(): void {
    this.#state = 'READY'
  }

  /** The process wrote this chunk. */
  hear(chunk: Buffer): void {
    this.#unread = this.#unread.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#unread, chunk])
    while (this.#unread.length > 0 && this.#understand()) continue
  }

  /** Parses unread bytes; false when more bytes are needed. */
  #understand(): boolean {
    if (this.#state === 'BUSY') return this.#missing === undefined ? this.#readLine() : this.#readAnswer(this.#missing)
    if (this.#state === 'ACKNOWLEDGED' && this.#unread.length < READY.length) return false
    if (this.#state === 'ACKNOWLEDGED' && this.#unread.subarray(0, READY.length).equals(READY)) {
      this.#unread = this.#unread.subarray(READY.length)
      this.#become('READY')
      return true
    }
    this.#unread = NOTHING
    if (this.#state !== 'UNKNOWN') this.#become('UNKNOWN')
    return false
  }

  #readLine(): boolean {
    const end = this.#unread.indexOf(NEWLINE)
    if (end < 0 && this.#unread.length < LONGEST_LINE) return false
    const line = this.#unread.subarray(0, end < 0 ? LONGEST_LINE : end).toString()
    this.#unread = this.#unread.subarray(end + 1)
    const length = line.slice(RESULT_BYTES)
    if (end < 0 || !NUMBER.test(length)) {
      this.#taker.remark('warn', `bad result line: '${line}'`)
      this.#unread = NOTHING
      this.#become('UNKNOWN')
      this.#taker.babbled()
      return false
    }
    return this.#readAnswer(Number(length.replaceAll('_', '')))
  }

  #readAnswer(missing: number): boolean {
    const part = this.#unread.subarray(0, missing)
    this.#unread = this.#unread.subarray(part.length)
    const kept = part.subarray(0, this.#handler.limitBytes + 1 - this.#kept)
    if (kept.length > 0) this.#answer.push(Buffer.from(kept))
    this.#kept += kept.length
    this.#missing = missing - part.length
    if (this.#missing > 0) return false
    const isAccepted = this.#handler.judge(Buffer.concat(this.#answer))
    this.#missing = undefined
    this.#answer = []
    this.#kept = 0
    if (isAccepted) this.#taker.remark('debug', 'event was processed')
    this.#become('ACKNOWLEDGED')
    this.#taker.answered(isAccepted)
    return true
  }

  #become(to: ListenerState): void {
    const from = this.#state
    this.#state = to
    this.#taker.remark('debug', `${from} -> ${to}`)
    if (to === 'UNKNOWN') {
      const message =
        'has entered the UNKNOWN state and will no longer receive events, this usually indicates the process violated the eventlistener protocol'
      this.#taker.remark('warn', message)
    }
    this.#taker.turned(from, to)
  }
}
