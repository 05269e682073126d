// What one process of an event listener says on its standard output: READY, then after each event RESULT with an answer.
// Anything else makes it UNKNOWN until its next start. Bytes come in any pieces; no more of them is kept than is needed.
// Source: supervisor 4.2.5, dispatchers.PEventListenerDispatcher.

/** Where a conversation can be; ACKNOWLEDGED is also its beginning. */
export const STATES = ['ACKNOWLEDGED', 'READY', 'BUSY', 'UNKNOWN'] as const

/** One of them. */
export type ListenerState = (typeof STATES)[number]

/** Who acts on what the process says. */
export interface ConversationTaker {
  /** It has answered the event: with `OK`, or otherwise. It is ACKNOWLEDGED already. */
  answered(isAccepted: boolean): void
  /** It said something in place of an answer. It is UNKNOWN already. */
  babbled(): void
  turned(from: ListenerState, to: ListenerState): void
  /** For the log; comes before what it leads to. */
  remark(level: 'debug' | 'warn', text: string): void
}

const READY = Buffer.from('READY\n')
const RESULT_BYTES = 'RESULT '.length
const GOOD = 'OK'
const NEWLINE = 10
const NOTHING = Buffer.alloc(0)
/** A line that is longer is no result line. */
const LONGEST_LINE = 64 * 1024
/** As Python's int() reads it. */
const NUMBER = /^\s*\+?\d+(?:_\d+)*\s*$/

/** The conversation with one process. */
export class Conversation {
  readonly #taker: ConversationTaker
  #state: ListenerState
  #unread: Buffer = NOTHING
  /** Bytes of the answer that are still to come; undefined before its result line. */
  #missing: number | undefined
  /** Its beginning, a little more than a good answer has. */
  #answer = ''

  /** `state` is where another brain left it. */
  constructor(taker: ConversationTaker, state: ListenerState = 'ACKNOWLEDGED') {
    this.#taker = taker
    this.#state = state
  }

  get state(): ListenerState {
    return this.#state
  }

  /** It is sent an event; only when it is READY. */
  ask(): void {
    this.#state = 'BUSY'
  }

  /** The event could not be sent. */
  takeBack(): void {
    this.#state = 'READY'
  }

  /** Takes what it has written. */
  hear(chunk: Buffer): void {
    this.#unread = this.#unread.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#unread, chunk])
    while (this.#unread.length > 0 && this.#understand()) continue
  }

  /** Works on what is unread; false when more has to come. */
  #understand(): boolean {
    if (this.#state === 'BUSY') return this.#missing === undefined ? this.#readLine() : this.#readAnswer(this.#missing)
    if (this.#state === 'ACKNOWLEDGED' && this.#unread.length < READY.length) return false
    if (this.#state === 'ACKNOWLEDGED' && this.#unread.subarray(0, READY.length).equals(READY)) {
      this.#unread = this.#unread.subarray(READY.length)
      this.#turn('READY')
      return true
    }
    this.#unread = NOTHING
    if (this.#state !== 'UNKNOWN') this.#turn('UNKNOWN')
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
      this.#turn('UNKNOWN')
      this.#taker.babbled()
      return false
    }
    return this.#readAnswer(Number(length.replaceAll('_', '')))
  }

  #readAnswer(missing: number): boolean {
    const part = this.#unread.subarray(0, missing)
    this.#unread = this.#unread.subarray(part.length)
    if (this.#answer.length <= GOOD.length) this.#answer += part.toString('latin1', 0, GOOD.length + 1)
    this.#missing = missing - part.length
    if (this.#missing > 0) return false
    const isAccepted = this.#answer === GOOD
    this.#missing = undefined
    this.#answer = ''
    this.#taker.remark(isAccepted ? 'debug' : 'warn', `event was ${isAccepted ? 'processed' : 'rejected'}`)
    this.#turn('ACKNOWLEDGED')
    this.#taker.answered(isAccepted)
    return true
  }

  #turn(to: ListenerState): void {
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
