// Answers that are being sent. A client that does not read is disconnected after some time. The unread bytes of all
// answers are limited: above the limit the answer that has made no progress for longest is cut off.

import type { ServerResponse } from 'node:http'
import type { After } from './connections.ts'

/** How long a client may read nothing, in milliseconds. */
const STUCK_MS = 10_000
const TOTAL_LIMIT_BYTES = 64 * 1024 * 1024
/** Size of the pieces in which an answer is written: each finished piece shows that the client reads. */
const PIECE_BYTES = 64 * 1024

/** Sends the bodies of answers. */
export class Sending {
  readonly #after: After
  /** Answer → its unread bytes, ordered by the time of the last progress, oldest first. */
  readonly #open = new Map<ServerResponse, number>()
  #total = 0

  constructor(after: After) {
    this.#after = after
  }

  /** Sends a body completely, or closes the connection. */
  send(response: ServerResponse, body: Buffer): void {
    this.#open.set(response, body.length)
    this.#total += body.length
    this.#makeRoom(response)
    const stuck = (): void => void response.destroy()
    let timer = this.#after(STUCK_MS, stuck)
    response.once('close', () => {
      timer.cancel()
      this.#total -= this.#open.get(response) ?? 0
      this.#open.delete(response)
    })
    let offset = 0
    const go = (): void => {
      timer.cancel()
      if (response.destroyed) return
      timer = this.#after(STUCK_MS, stuck)
      this.#moved(response, body.length)
      while (offset + PIECE_BYTES < body.length) {
        const piece = body.subarray(offset, offset + PIECE_BYTES)
        offset += PIECE_BYTES
        if (!response.write(piece)) return void response.once('drain', go)
      }
      response.end(body.subarray(offset))
    }
    go()
  }

  #moved(response: ServerResponse, bytes: number): void {
    if (!this.#open.delete(response)) return
    this.#open.set(response, bytes)
  }

  #makeRoom(own: ServerResponse): void {
    for (const [response, bytes] of this.#open) {
      if (this.#total <= TOTAL_LIMIT_BYTES) return
      if (response === own) continue
      this.#open.delete(response)
      this.#total -= bytes
      response.destroy()
    }
  }
}
