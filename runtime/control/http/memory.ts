// The memory that requests and answers of all clients take together, with a limit. An answer gets its memory before it is
// made; when there is none, it waits in a line. Above the limit, and once a second while an answer waits, the exchange
// whose client has neither sent nor read for longest is cut off. What a request that is being carried out has
// collected is never cut off.

import type { ServerResponse } from 'node:http'
import type { After } from './connections.ts'

const TOTAL_LIMIT_BYTES = 64 * 1024 * 1024
/** So much never waits and is never refused: 256 connections together do not need much then. */
const SMALL_BYTES = 64 * 1024
/** The line moves on at least so often, in milliseconds, and an answer waits for so many of these pauses. */
const PAUSE_MS = 1000
const PAUSES = 10

interface Share {
  bytes: number
  /** The daemon waits for the client, which has to send its body or to read its answer. */
  needsClient: boolean
}

interface Wish {
  readonly response: ServerResponse
  readonly bytes: number
  readonly resolve: (isGranted: boolean) => void
  pauses: number
}

/** Counts the bytes of all exchanges. */
export class Memory {
  readonly #after: After
  /** Ordered by the time of the last progress, oldest first. */
  readonly #shares = new Map<ServerResponse, Share>()
  readonly #wishes = new Set<Wish>()
  #total = 0
  #isPausing = false

  constructor(after: After) {
    this.#after = after
  }

  /** Counts more bytes of a request. False when there is no room for them; then they are not counted. */
  add(response: ServerResponse, bytes: number): boolean {
    const share = this.#moved(response)
    this.#count(share, bytes)
    this.#makeRoom(response)
    if (this.#total <= TOTAL_LIMIT_BYTES || share.bytes <= SMALL_BYTES) return true
    this.#count(share, -bytes)
    return false
  }

  /** Waits for room for more bytes of an answer, and counts them. False when there is none for some seconds. */
  room(response: ServerResponse, bytes: number): Promise<boolean> {
    const share = this.#moved(response)
    if (share.bytes + bytes <= SMALL_BYTES) {
      this.#count(share, bytes)
      return Promise.resolve(true)
    }
    return new Promise((resolve) => {
      this.#wishes.add({ response, bytes, resolve, pauses: 0 })
      this.#grant()
      this.#pause()
    })
  }

  /** The request is complete: it is carried out now. */
  works(response: ServerResponse): void {
    this.#moved(response).needsClient = false
  }

  /** The answer is complete and takes so many bytes; what was counted before is free. */
  answers(response: ServerResponse, bytes: number): void {
    const share = this.#moved(response)
    share.needsClient = true
    this.#count(share, bytes - share.bytes)
    this.#makeRoom(response)
    this.#grant()
  }

  /** The client has read. */
  moved(response: ServerResponse): void {
    if (this.#shares.has(response)) this.#moved(response)
  }

  #moved(response: ServerResponse): Share {
    const known = this.#shares.get(response)
    const share = known ?? { bytes: 0, needsClient: true }
    if (known === undefined) response.once('close', () => this.#free(response))
    this.#shares.delete(response)
    this.#shares.set(response, share)
    return share
  }

  #count(share: Share, bytes: number): void {
    share.bytes += bytes
    this.#total += bytes
  }

  #free(response: ServerResponse): void {
    const share = this.#shares.get(response)
    if (share !== undefined) this.#count(share, -share.bytes)
    this.#shares.delete(response)
    for (const wish of this.#wishes) if (wish.response === response) this.#answer(wish, false)
    this.#grant()
  }

  #makeRoom(own: ServerResponse): void {
    while (this.#total > TOTAL_LIMIT_BYTES && this.#cutOldest(own));
  }

  #cutOldest(own?: ServerResponse): boolean {
    for (const [response, { needsClient }] of this.#shares) {
      if (response === own || !needsClient) continue
      this.#free(response)
      response.destroy()
      return true
    }
    return false
  }

  /** In the order of the line, so that a long answer is not overtaken again and again. */
  #grant(): void {
    for (const wish of this.#wishes) {
      if (this.#total + wish.bytes > TOTAL_LIMIT_BYTES) return
      this.#count(this.#moved(wish.response), wish.bytes)
      this.#answer(wish, true)
    }
  }

  #answer(wish: Wish, isGranted: boolean): void {
    this.#wishes.delete(wish)
    wish.resolve(isGranted)
  }

  #pause(): void {
    if (this.#isPausing || this.#wishes.size === 0) return
    this.#isPausing = true
    this.#after(PAUSE_MS, () => {
      this.#isPausing = false
      this.#cutOldest()
      for (const wish of this.#wishes) if ((wish.pauses += 1) >= PAUSES) this.#answer(wish, false)
      this.#pause()
    })
  }
}
