// The daemon's own stdout and stderr, for its log and for programs that log to /dev/stdout. A slow or stopped reader
// must never block the daemon: at most 1 MiB waits in memory, more is dropped and counted, and the log says how much
// when the reader reads again. Pipes and terminals are opened a second time where possible, so that making them
// non-blocking does not change them for other processes.

import { constants, fstatSync, openSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { isatty } from 'node:tty'
import type { Clock } from '../system/clock.ts'
import { errnoCode } from '../system/files.ts'
import type { ReportProblem, Sink } from './sink.ts'

/** The most that waits for a slow reader. */
const QUEUE_LIMIT_BYTES = 1024 * 1024

/** How often a write to a stopped terminal is tried again. */
const TERMINAL_RETRY_MS = 20

/** stdout or stderr of the daemon. */
export interface StandardStream extends Sink {
  readonly isTerminal: boolean
  /** Number of bytes that were dropped so far. */
  readonly droppedBytes: number
  /** Resolves when all waiting bytes are written, the reader has gone, or `limitMs` have passed. */
  flush(limitMs: number): Promise<void>
}

/** Options of openStandardStream(); `report` gets sentences for the log. */
export interface StandardStreamOptions {
  readonly fd: number
  readonly clock: Clock
  readonly report: ReportProblem
  readonly queueLimitBytes?: number
}

/** Opens the descriptor for writing without blocking. */
export function openStandardStream(options: StandardStreamOptions): StandardStream {
  return new QueuedStream(options)
}

/** Writes what the kernel accepts at once, and the rest later. `done` is called when the chunk is written or lost. */
type Writer = (chunk: Buffer, done: (error: Error | undefined) => void) => void

class QueuedStream implements StandardStream {
  readonly isTerminal: boolean
  readonly #options: StandardStreamOptions
  readonly #write: Writer
  #waitingBytes = 0
  #droppedBytes = 0
  #droppedSinceReport = 0
  #broken = false
  #flushed: (() => void)[] = []

  constructor(options: StandardStreamOptions) {
    this.#options = options
    this.isTerminal = isatty(options.fd)
    this.#write = openWriter(options.fd, options.clock, (error) => this.#failed(error))
  }

  get droppedBytes(): number {
    return this.#droppedBytes
  }

  write(chunk: Buffer): void {
    const limit = this.#options.queueLimitBytes ?? QUEUE_LIMIT_BYTES
    if (this.#broken || this.#waitingBytes + chunk.length > limit) {
      this.#drop(chunk.length)
      return
    }
    this.#waitingBytes += chunk.length
    this.#write(Buffer.from(chunk), (error) => {
      this.#waitingBytes -= chunk.length
      if (error !== undefined) this.#drop(chunk.length)
      else if (this.#waitingBytes === 0) this.#drained()
    })
  }

  reopen(): void {
    // it belongs to the process that started the daemon
  }

  close(): void {
    // descriptors 1 and 2 stay open until the end
  }

  flush(limitMs: number): Promise<void> {
    if (this.#waitingBytes === 0 || this.#broken) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(limitMs, resolve)
      this.#flushed.push(() => {
        timer.cancel()
        resolve()
      })
    })
  }

  #drop(bytes: number): void {
    this.#droppedBytes += bytes
    this.#droppedSinceReport += bytes
    if (this.#waitingBytes === 0) this.#endFlush()
  }

  #drained(): void {
    this.#endFlush()
    const dropped = this.#droppedSinceReport
    if (dropped === 0) return
    this.#droppedSinceReport = 0
    this.#options.report(`${this.#name()} did not accept output for a while: ${dropped} bytes were dropped`)
  }

  #failed(error: Error): void {
    if (this.#broken) return
    this.#broken = true
    this.#endFlush()
    this.#options.report(`${this.#name()} cannot be written any more: ${errnoCode(error)}; output to it is dropped`)
  }

  #endFlush(): void {
    const waiting = this.#flushed
    this.#flushed = []
    for (const resolve of waiting) resolve()
  }

  #name(): string {
    return this.#options.fd === 2 ? 'standard error' : 'standard output'
  }
}

function openWriter(fd: number, clock: Clock, onError: (error: Error) => void): Writer {
  const stat = fstatSync(fd)
  if (stat.isSocket()) return socketWriter(fd, onError)
  if (stat.isFIFO()) return socketWriter(reopened(fd) ?? fd, onError)
  const terminal = isatty(fd) ? reopened(fd) : undefined
  return terminal === undefined ? fileWriter(fd) : terminalWriter(terminal, clock)
}

/** Another open file description of the same pipe or terminal; undefined where that is not allowed. */
function reopened(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    return undefined
  }
}

function socketWriter(fd: number, onError: (error: Error) => void): Writer {
  const socket = new Socket({ fd, readable: false, writable: true })
  socket.on('error', onError)
  socket.unref()
  return (chunk, done) => {
    socket.write(chunk, (error) => done(error ?? undefined))
  }
}

function fileWriter(fd: number): Writer {
  return (chunk, done) => {
    try {
      for (let written = 0; written < chunk.length;) written += writeSync(fd, chunk, written)
      done(undefined)
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)))
    }
  }
}

/**
 * For terminals there is no event "writable again" that would not block the daemon, so a write to a stopped one is
 * repeated.
 */
function terminalWriter(fd: number, clock: Clock): Writer {
  const queue: { chunk: Buffer; done: (error: Error | undefined) => void }[] = []
  const run = (): void => {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      const rest = writeSome(fd, next.chunk)
      if (Buffer.isBuffer(rest) && rest.length > 0) {
        next.chunk = rest
        clock.after(TERMINAL_RETRY_MS, run)
        return
      }
      queue.shift()
      next.done(Buffer.isBuffer(rest) ? undefined : rest)
    }
  }
  return (chunk, done) => {
    queue.push({ chunk, done })
    if (queue.length === 1) run()
  }
}

function writeSome(fd: number, chunk: Buffer): Buffer | Error {
  try {
    return chunk.subarray(writeSync(fd, chunk))
  } catch (error) {
    if (errnoCode(error) === 'EAGAIN') return chunk
    return error instanceof Error ? error : new Error(String(error))
  }
}
