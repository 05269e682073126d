// Reads what a child writes. All readers share one buffer, because Node reads and hands over one pipe after
// the other: a chunk is only valid during the callback. The pipes of a slot stay open over restarts, so a
// reader lives as long as its slot. drain() takes what is still in the pipe when a process has ended, so that
// its end is told after its last words.

import { readSync } from 'node:fs'
import { Socket } from 'node:net'

const SHARED_BUFFER_BYTES = 64 * 1024

/** Most that one drain() reads: the largest pipe an ordinary user may have. Someone else may still be writing. */
const DRAIN_LIMIT_BYTES = 1024 * 1024

let sharedBuffer: Buffer | undefined

function readBuffer(): Buffer {
  sharedBuffer ??= Buffer.allocUnsafeSlow(SHARED_BUFFER_BYTES)
  return sharedBuffer
}

/** Reads one pipe until it is closed. */
export class PipeReader {
  readonly #fd: number
  readonly #socket: Socket
  readonly #onChunk: (chunk: Buffer) => void
  #open = true

  /** Takes over `fd`, which must be non-blocking. */
  constructor(fd: number, onChunk: (chunk: Buffer) => void) {
    this.#fd = fd
    this.#onChunk = onChunk
    const onread = { buffer: readBuffer(), callback: (bytes: number) => this.#received(bytes) }
    const options = { fd, readable: true, writable: false, onread }
    this.#socket = new Socket(options)
    this.#socket.on('error', () => this.close())
    this.#socket.on('close', () => {
      this.#open = false
    })
    this.#socket.resume()
  }

  /** Hands over everything that is in the pipe now. */
  drain(): void {
    const buffer = readBuffer()
    for (let total = 0; this.#open && total < DRAIN_LIMIT_BYTES;) {
      const bytes = readNow(this.#fd, buffer)
      if (bytes === 0) return
      total += bytes
      this.#onChunk(buffer.subarray(0, bytes))
    }
  }

  /** Stops reading and closes the fd. */
  close(): void {
    this.#open = false
    this.#socket.destroy()
  }

  #received(bytes: number): boolean {
    if (this.#open) this.#onChunk(readBuffer().subarray(0, bytes))
    return true
  }
}

/** Bytes read without waiting; 0 when the pipe is empty or at its end. */
function readNow(fd: number, buffer: Buffer): number {
  try {
    return readSync(fd, buffer)
  } catch {
    return 0
  }
}
