// Reads the output of child processes from log pipes. All readers share one buffer: a chunk is only valid during the
// callback, and it goes to its sinks before the next one is read. These rules keep the cost of a flood of output low:
//
// - The Socket only reports that data has come, and delivers the first bytes. The rest is read at once and
//   synchronously, until the pipe is empty or the budget of this turn of the event loop is used up. Then other pipes
//   and the control socket come first.
// - Data that is read at once is passed on in pieces as large as the buffer, because writing few large pieces to a file
//   costs half as much as many small ones.
// - When little data came, and the last data came shortly before, the reader pauses for a few milliseconds, but not so
//   long that the pipe would fill. So a flood of short lines is read in large pieces. A quiet program never waits.
// - When a pipe is full again and again, or would be too soon, onBusy is called once, so that the pipe can be enlarged.
//
// The pipes of a slot stay open over restarts, so a reader lives as long as its slot. drain() reads the rest of the
// pipe when a process has ended, so its end is reported after its last output.

import { readSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Clock, Timer } from '../system/clock.ts'
import { inNextTurn, turnLimit } from './turn-limit.ts'

const BUFFER_BYTES = 256 * 1024

/** Capacity of an ordinary pipe. */
const PIPE_BYTES = 64 * 1024

/** The most that one drain() reads: the largest pipe of an ordinary user. Another process may still be writing. */
const DRAIN_LIMIT_BYTES = 1024 * 1024

/** The most that is read from one pipe in one turn of the event loop; turn-limit.ts has the time for all. */
const TURN_BYTES = 512 * 1024

/**
 * When data follows within this time, the stream is busy. The reader of a busy stream pauses for this time, or less
 * when its pipe would fill.
 */
const REST_MS = 4
const LEAST_REST_MS = 1

/** A pipe counts as full with less than its capacity, because each write begins a new page of it. */
const FULL_BYTES = (PIPE_BYTES / 4) * 3

/** How often a pipe must be found full, or filling fast, before it counts as too small. */
const FULL_TIMES = 4

/** Options of a reader. */
export interface PipeReaderOptions {
  readonly clock: Clock
  /** Called once, when the pipe is too small for the output. */
  readonly onBusy?: () => void
}

let sharedBuffer: Buffer | undefined

function readBuffer(): Buffer {
  sharedBuffer ??= Buffer.allocUnsafeSlow(BUFFER_BYTES)
  return sharedBuffer
}

/** Reads one pipe until it is closed. */
export class PipeReader {
  readonly #fd: number
  readonly #socket: Socket
  readonly #onChunk: (chunk: Buffer) => void
  readonly #options: PipeReaderOptions
  #open = true
  #isPaused = false
  #pipeBytes = PIPE_BYTES
  #fullTimes = 0
  #lastReadMs = Number.NEGATIVE_INFINITY
  #rest: Timer | undefined
  readonly #next = (): void => this.#goOn()

  /** Takes over `fd`, which must be non-blocking. */
  constructor(fd: number, onChunk: (chunk: Buffer) => void, options: PipeReaderOptions) {
    this.#fd = fd
    this.#onChunk = onChunk
    this.#options = options
    const onread = {
      buffer: readBuffer().subarray(0, PIPE_BYTES),
      callback: (bytes: number) => this.#received(bytes),
    }
    const socketOptions = { fd, readable: true, writable: false, onread }
    this.#socket = new Socket(socketOptions)
    this.#socket.on('error', () => this.close())
    this.#socket.on('close', () => {
      this.#open = false
    })
    this.#socket.resume()
  }

  /** Leaves the data in the pipe until resume(); drain() reads it all the same. */
  pause(): void {
    this.#isPaused = true
    this.#socket.pause()
  }

  /** Reads again. */
  resume(): void {
    this.#isPaused = false
    if (this.#open) this.#socket.resume()
  }

  /** The pipe has this capacity from now on. */
  enlarged(bytes: number): void {
    this.#pipeBytes = bytes
  }

  /** Passes on everything that is in the pipe now. */
  drain(): void {
    this.#readOn(0, DRAIN_LIMIT_BYTES, () => false)
  }

  /** Stops reading and closes the descriptor. */
  close(): void {
    this.#open = false
    this.#rest?.cancel()
    this.#socket.destroy()
  }

  /** Processes the first bytes and what follows. Gives whether the socket shall continue to read. */
  #received(first: number): boolean {
    if (!this.#open) return true
    return this.#take(first) === 'wait'
  }

  /**
   * Continues without the socket, until the pipe is empty; then the socket reads again. When the time of this turn is used up,
   * the reader waits for the next turn without the socket, which would read at once.
   */
  #goOn(): void {
    if (!this.#open || this.#isPaused) return
    if (turnLimit(this.#options.clock)()) this.#wait()
    else if (this.#take(0) === 'wait') this.#socket.resume()
  }

  #wait(): void {
    inNextTurn(this.#options.clock, this.#next)
  }

  /**
   * Processes the `first` bytes of the buffer and what follows. Then the reader either waits for data, or has set up
   * how it continues.
   */
  #take(first: number): 'wait' | 'arranged' {
    const { clock } = this.#options
    const total = this.#readOn(first, TURN_BYTES, turnLimit(clock))
    if (!this.#open || total === 0) return 'wait'
    const endedMs = clock.nowMs()
    const sinceMs = endedMs - this.#lastReadMs
    this.#lastReadMs = endedMs
    if (total >= FULL_BYTES) this.#noticeFull()
    if (total >= this.#pipeBytes / 4) {
      this.#wait()
      return 'arranged'
    }
    return sinceMs <= REST_MS && this.#restFor((this.#pipeBytes / 2) * (sinceMs / total)) ? 'arranged' : 'wait'
  }

  /**
   * Pauses about as long as the pipe takes to be half full at the current rate. False when the pipe is too small for
   * that.
   */
  #restFor(halfFullMs: number): boolean {
    if (halfFullMs < LEAST_REST_MS && this.#pipeBytes === PIPE_BYTES) {
      this.#noticeFull()
      return false
    }
    const restMs = Math.max(LEAST_REST_MS, Math.floor(Math.min(halfFullMs, REST_MS)))
    this.#rest = this.#options.clock.after(restMs, () => this.#goOn())
    return true
  }

  /**
   * Passes on the `before` bytes of the buffer and all that follows, until the pipe is empty, `limit` is reached, or
   * `isLate` gives true. Gives the number of bytes. A read that gives less than requested has emptied the pipe: another
   * one would only throw, which costs more than reading.
   */
  #readOn(before: number, limit: number, isLate: () => boolean): number {
    const buffer = readBuffer()
    let filled = before
    let total = before
    let isEmpty = before > 0 && before < PIPE_BYTES
    while (this.#open && !isEmpty && total < limit && !isLate()) {
      const room = buffer.length - filled
      const bytes = readNow(this.#fd, buffer, filled)
      isEmpty = bytes < room
      total += bytes
      filled += bytes
      if (filled === buffer.length) filled = this.#handOver(buffer)
    }
    if (filled > 0) this.#handOver(buffer.subarray(0, filled))
    return total
  }

  #handOver(chunk: Buffer): 0 {
    this.#onChunk(chunk)
    return 0
  }

  #noticeFull(): void {
    if (this.#fullTimes >= FULL_TIMES) return
    this.#fullTimes += 1
    if (this.#fullTimes === FULL_TIMES) this.#options.onBusy?.()
  }
}

/**
 * Reads into the free part of the buffer without waiting. Gives the number of bytes; 0 when the pipe is empty or at its
 * end.
 */
function readNow(fd: number, buffer: Buffer, filled: number): number {
  try {
    return readSync(fd, buffer, filled, buffer.length - filled, null)
  } catch {
    return 0
  }
}
