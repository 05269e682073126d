// Cuts a stream of bytes into whole lines, for sinks that need them. What has no end yet is kept, at most 64 KB of
// it: a longer line leaves in pieces that are marked as such. Whole lines come as one region, not one by one, so
// that a flood costs little.

/** Longest line that is kept whole. */
export const LONGEST_LINE_BYTES = 64 * 1024

/** Takes lines; the bytes are only valid during the call. */
export interface LineTaker {
  /** One or more whole lines, each with its line feed. */
  lines(region: Buffer): void
  /** A piece of a line that is too long; what follows is the next piece or its end. */
  piece(bytes: Buffer): void
}

const NEWLINE = 10

/** Cuts one stream. */
export class LineSplitter {
  readonly #taker: LineTaker
  readonly #longest: number
  #held: Buffer | undefined

  constructor(taker: LineTaker, longestBytes = LONGEST_LINE_BYTES) {
    this.#taker = taker
    this.#longest = longestBytes
  }

  /** Hands over what is complete with this chunk. */
  push(chunk: Buffer): void {
    const bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk])
    this.#held = undefined
    let start = 0
    while (bytes.length - start > this.#longest) {
      const end = bytes.lastIndexOf(NEWLINE, start + this.#longest)
      if (end < start) {
        const cut = endOfCharacter(bytes, start + this.#longest)
        this.#taker.piece(bytes.subarray(start, cut))
        start = cut
      } else {
        this.#taker.lines(bytes.subarray(start, end + 1))
        start = end + 1
      }
    }
    const end = bytes.lastIndexOf(NEWLINE)
    if (end >= start) {
      this.#taker.lines(bytes.subarray(start, end + 1))
      start = end + 1
    }
    if (start < bytes.length) this.#held = Buffer.from(bytes.subarray(start))
  }

  /** Hands over an unfinished line as if it had ended. */
  flush(): void {
    const rest = this.#held
    this.#held = undefined
    if (rest !== undefined) this.#taker.lines(Buffer.concat([rest, Buffer.from('\n')]))
  }
}

/** `at`, or up to three bytes before it where that would cut a character in two. */
function endOfCharacter(bytes: Buffer, at: number): number {
  for (let back = 0; back < 4; back += 1) if (((bytes[at - back] ?? 0) & 0xc0) !== 0x80) return at - back
  return at
}
