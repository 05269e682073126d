// Answers that are being sent. A client that does not read is disconnected after some time.

import type { ServerResponse } from 'node:http'
import type { After } from './connections.ts'
import type { Memory } from './memory.ts'

/** How long a client may read nothing, in milliseconds. */
const STUCK_MS = 10_000
/** Size of the pieces in which an answer is written: each finished piece shows that the client reads. */
const PIECE_BYTES = 64 * 1024

/** Sends the bodies of answers. */
export class Sending {
  readonly #after: After
  readonly #memory: Memory

  constructor(after: After, memory: Memory) {
    this.#after = after
    this.#memory = memory
  }

  /** Sends a body completely, or closes the connection. */
  send(response: ServerResponse, body: Buffer): void {
    this.#memory.answers(response, body.length)
    const stuck = (): void => void response.destroy()
    let timer = this.#after(STUCK_MS, stuck)
    response.once('close', () => timer.cancel())
    let offset = 0
    const go = (): void => {
      timer.cancel()
      if (response.destroyed) return
      timer = this.#after(STUCK_MS, stuck)
      this.#memory.moved(response)
      while (offset + PIECE_BYTES < body.length) {
        const piece = body.subarray(offset, offset + PIECE_BYTES)
        offset += PIECE_BYTES
        if (!response.write(piece)) return void response.once('drain', go)
      }
      response.end(body.subarray(offset))
    }
    go()
  }
}
