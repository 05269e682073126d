// Reads what a child writes. All readers share one buffer, because a chunk is only valid during the callback: it goes
// to its sinks before the next one is read. How a noisy pipe is read decides what a flood costs:
//
// - The Socket only tells that there is something and brings the first bytes; the rest is read at once, without
//   waiting, until the pipe is empty or the turn's budget is used up. Then the others and the control socket come first.
// - What is read at once is handed on in pieces as large as the buffer, because a file takes few large pieces for half
//   of what many small ones cost.
// - When little came and the last bytes came just before, the reader rests for a few milliseconds, but not so long that
//   the pipe fills: a flood of short lines is taken in large pieces instead of one by one. A quiet program never waits.
// - A pipe that is full, or would be too soon, again and again is told to onBusy once, so that it can be made larger.
//
// The pipes of a slot stay open over restarts, so a reader lives as long as its slot. drain() takes what is still in
// the pipe when a process has ended, so that its end is told after its last words.

import { readSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Clock, Timer } from '../system/clock.ts'

const BUFFER_BYTES = 256 * 1024

/** What an ordinary pipe holds. */
const PIPE_BYTES = 64 * 1024

/** Most that one drain() reads: the largest pipe an ordinary user may have. Someone else may still be writing. */
const DRAIN_LIMIT_BYTES = 1024 * 1024

/** Most that one pipe gives in one turn of the loop, and the time that all pipes together take. */
const TURN_BYTES = 512 * 1024
const TURN_MS = 2

/** Bytes that follow the last ones so soon make a stream busy; a busy one rests as long, or less where its pipe would fill. */
const REST_MS = 4
const LEAST_REST_MS = 1

/** A pipe counts as full with less than it could hold: each write begins a new page of it. */
const FULL_BYTES = (PIPE_BYTES / 4) * 3

/** How often a pipe must be found full, or filling fast, before it counts as too small. */
const FULL_TIMES = 4

/** What a reader needs besides its pipe. */
export interface PipeReaderOptions {
  readonly clock: Clock
  /** Called once, when the pipe is too small for what is written. */
  readonly onBusy?: () => void
}

let sharedBuffer: Buffer | undefined

/** When the first pipe of this turn was read; undefined before. */
let turnStartedMs: number | undefined

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
  #pipeBytes = PIPE_BYTES
  #fullTimes = 0
  #lastReadMs = Number.NEGATIVE_INFINITY
  #rest: Timer | undefined

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

  /** The pipe holds so much from now on. */
  enlarged(bytes: number): void {
    this.#pipeBytes = bytes
  }

  /** Hands over everything that is in the pipe now. */
  drain(): void {
    this.#readOn(0, DRAIN_LIMIT_BYTES, () => false)
  }

  /** Stops reading and closes the fd. */
  close(): void {
    this.#open = false
    this.#rest?.cancel()
    this.#socket.destroy()
  }

  /** Takes the first bytes and what follows; gives whether the socket shall go on by itself. */
  #received(first: number): boolean {
    if (!this.#open) return true
    return this.#take(first) === 'wait'
  }

  /** Goes on without the socket, which is asked again when nothing more comes. */
  #goOn(): void {
    if (this.#open && this.#take(0) === 'wait') this.#socket.resume()
  }

  /** Takes the `first` bytes that lie in the buffer and what follows. Then either waits for more or has arranged to go on. */
  #take(first: number): 'wait' | 'arranged' {
    const { clock } = this.#options
    const turn = turnOf(clock.nowMs())
    const total = this.#readOn(first, TURN_BYTES, () => clock.nowMs() - turn > TURN_MS)
    if (!this.#open || total === 0) return 'wait'
    const endedMs = clock.nowMs()
    const sinceMs = endedMs - this.#lastReadMs
    this.#lastReadMs = endedMs
    if (total >= FULL_BYTES) this.#noticeFull()
    if (total >= this.#pipeBytes / 4) {
      setImmediate(() => this.#goOn())
      return 'arranged'
    }
    return sinceMs <= REST_MS && this.#restFor((this.#pipeBytes / 2) * (sinceMs / total)) ? 'arranged' : 'wait'
  }

  /** Rests about as long as the pipe, at the rate of now, takes to be half full; false when it is too small for that. */
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
   * Hands over the `before` bytes that lie in the buffer and all that follows, until the pipe is empty, `limit` is
   * reached or `isLate` says so; gives the sum. A read that brings less than was asked for has emptied the pipe:
   * asking again would only throw, which costs more than the read.
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

/** When this turn of the loop began to read. */
function turnOf(nowMs: number): number {
  if (turnStartedMs !== undefined) return turnStartedMs
  turnStartedMs = nowMs
  setImmediate(() => {
    turnStartedMs = undefined
  })
  return nowMs
}

/** Bytes read into what is free of the buffer, without waiting; 0 when the pipe is empty or at its end. */
function readNow(fd: number, buffer: Buffer, filled: number): number {
  try {
    return readSync(fd, buffer, filled, buffer.length - filled, null)
  } catch {
    return 0
  }
}
