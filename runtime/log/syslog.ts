// Sends lines to syslog. Node.js has no unix datagram sockets, so the native helper sends them. This class formats the
// messages as the C library's syslog() does, and sends those of one turn of the event loop in one request. Messages
// that the socket does not accept are dropped and counted; at most 1 MB of messages waits.

import type { Clock } from '../system/clock.ts'
import { errnoCode } from '../system/files.ts'
import { LineSplitter } from './lines.ts'
import { Outbox, type OutboxDescriptors } from './outbox.ts'
import type { ReportProblem, Sink } from './sink.ts'

/** Sends complete messages; gives the number that was not accepted, and why. */
export type SyslogSender = (path: string, messages: readonly string[]) => Promise<SyslogOutcome>

interface SyslogOutcome {
  readonly dropped: number
  readonly code: string
}

/** What a Syslog needs. */
export interface SyslogOptions {
  readonly clock: Clock
  /** The program name at the beginning of each message. */
  readonly identity: string
  readonly report: ReportProblem
  /** The socket of the syslog daemon. */
  readonly path?: string
  /** Where messages wait for the helper, for a daemon process that may be killed. */
  readonly outbox?: OutboxDescriptors | undefined
}

const DEFAULT_PATH = '/dev/log'
const QUEUE_LIMIT_BYTES = 1024 * 1024
const BATCH = 500

/** The longest message that syslog daemons accept. */
const LONGEST_LINE_BYTES = 8 * 1024 - 256

/** Facility user, severity info. Source: supervisor 4.2.5, loggers.SyslogHandler (syslog() without openlog). */
const USER_INFO = 14

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The connection to the syslog daemon; one for all of kahi. */
export class Syslog {
  readonly #options: SyslogOptions
  #sender: SyslogSender | undefined
  #waiting: string[] = []
  #waitingBytes = 0
  #sending: Promise<void> | undefined
  #droppedLines = 0
  readonly #outbox: Outbox | undefined
  #outboxDropped = 0

  constructor(options: SyslogOptions) {
    this.#options = options
    this.#outbox = options.outbox && new Outbox(options.outbox)
  }

  /** From now on messages are sent; earlier ones are sent now. */
  connect(sender: SyslogSender): void {
    this.#sender = sender
    this.#start()
  }

  /** Sends one line without its line feed. */
  send(line: string): void {
    const { clock, identity } = this.#options
    const text = line.replaceAll('\0', '\ufffd')
    const message = `<${USER_INFO}>${timeStamp(new Date(clock.wallMs()))} ${identity}: ${text}`
    if (this.#outbox !== undefined) this.#leave(message, this.#outbox)
    else if (this.#waitingBytes > QUEUE_LIMIT_BYTES) this.#dropped(1, 'too many at once')
    else this.#queue(message)
  }

  #queue(message: string): void {
    this.#waiting.push(message)
    this.#waitingBytes += message.length
    this.#start()
  }

  /** A sink that sends each line with `prefix` before it. */
  sink(prefix: string): LineSink {
    const line = (bytes: Buffer) => {
      const lines = bytes.toString().replace(/\n$/, '').split('\n')
      for (const text of lines) this.send(prefix + text)
    }
    const splitter = new LineSplitter({ lines: line, piece: line }, LONGEST_LINE_BYTES)
    return {
      write: (chunk) => splitter.push(chunk),
      flush: () => splitter.flush(),
      reopen: () => {},
      close: () => splitter.flush(),
    }
  }

  /** Resolves when all waiting messages are sent or dropped. */
  async flush(): Promise<void> {
    while (this.#sending !== undefined) await this.#sending
  }

  #start(): void {
    if (this.#sender === undefined || this.#sending !== undefined || this.#waiting.length === 0) return
    const sender = this.#sender
    this.#sending = new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => this.#sendBatch(sender))
      .finally(() => {
        this.#sending = undefined
        this.#start()
      })
  }

  async #sendBatch(sender: SyslogSender): Promise<void> {
    const batch = this.#waiting.splice(0, BATCH)
    for (const message of batch) this.#waitingBytes -= message.length
    try {
      const { dropped, code } = await sender(this.#options.path ?? DEFAULT_PATH, batch)
      if (dropped > 0) this.#dropped(dropped, code)
      else this.#recovered()
    } catch (error) {
      this.#dropped(batch.length, errnoCode(error))
    }
  }

  /** Leaves a message in the outbox, where it survives this process. */
  #leave(message: string, outbox: Outbox): void {
    const { waiting, error, dropped } = outbox.state
    const before = this.#outboxDropped
    this.#outboxDropped = dropped
    if (dropped > before) this.#dropped(dropped - before, error)
    else this.#recovered()
    if (waiting > QUEUE_LIMIT_BYTES) this.#dropped(1, 'too many at once')
    else outbox.write(Buffer.from(`${this.#options.path ?? DEFAULT_PATH}\0${message}\0`))
  }

  #dropped(count: number, why: string): void {
    const isFirst = this.#droppedLines === 0
    this.#droppedLines += count
    if (isFirst) this.#options.report(`cannot send to syslog: ${why}; lines for it are dropped`)
  }

  #recovered(): void {
    if (this.#droppedLines === 0) return
    const count = this.#droppedLines
    this.#droppedLines = 0
    this.#options.report(`syslog accepts lines again; ${count} were dropped`)
  }
}

/** A sink that keeps an unfinished line until flush() is called. */
export interface LineSink extends Sink {
  flush(): void
}

/** `Nov 21 05:00:00`, local time. */
export function timeStamp(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`
  return `${MONTHS[time.getMonth()] ?? ''} ${String(time.getDate()).padStart(2)} ${clock}`
}
