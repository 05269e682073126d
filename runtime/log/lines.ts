// Splits a stream of bytes into complete lines. An unfinished line is kept, at most 64 KB of it: a longer line is
// passed on in pieces that are marked as such. Consecutive complete lines are passed on as one block, so a flood of
// lines costs little.

/** The longest line that is kept complete. */
export const LONGEST_LINE_BYTES = 64 * 1024

/** Gets the lines; the bytes are only valid during the call. */
export interface LineTaker {
  /** One or more complete lines, each with its line feed. */
  lines(region: Buffer): void
  /** A piece of a line that is too long. Next comes another piece, or the end of the line. */
  piece(bytes: Buffer): void
}

const NEWLINE = 10

/** Splits one stream. */
export class LineSplitter {
  readonly #taker: LineTaker
  readonly #longest: number
  #pending: Buffer | undefined
  #rest = 0

  constructor(taker: LineTaker, longestBytes = LONGEST_LINE_BYTES) {
    this.#taker = taker
    this.#longest = longestBytes
  }

  /** The number of bytes that were pushed and not passed on; what is being passed on does not count. */
  get rest(): number {
    return this.#rest
  }

  /** Passes on the lines that this chunk completes. */
  push(chunk: Buffer): void {
    const bytes = this.#pending === undefined ? chunk : Buffer.concat([this.#pending, chunk])
    this.#pending = undefined
    let start = 0
    while (bytes.length - start > this.#longest) {
      const end = bytes.lastIndexOf(NEWLINE, start + this.#longest)
      if (end < start) {
        const cut = endOfCharacter(bytes, start + this.#longest)
        this.#rest = bytes.length - cut
        this.#taker.piece(bytes.subarray(start, cut))
        start = cut
      } else {
        this.#rest = bytes.length - end - 1
        this.#taker.lines(bytes.subarray(start, end + 1))
        start = end + 1
      }
    }
    const end = bytes.lastIndexOf(NEWLINE)
    if (end >= start) {
      this.#rest = bytes.length - end - 1
      this.#taker.lines(bytes.subarray(start, end + 1))
      start = end + 1
    }
    this.#rest = bytes.length - start
    if (start < bytes.length) this.#pending = Buffer.from(bytes.subarray(start))
  }

  /** Passes on an unfinished line, with a line feed. */
  flush(): void {
    const rest = this.#pending
    this.#pending = undefined
    this.#rest = 0
    if (rest !== undefined) this.#taker.lines(Buffer.concat([rest, Buffer.from('\n')]))
  }
}

/** `at`, or up to three bytes before it where `at` is inside a character. */
function endOfCharacter(bytes: Buffer, at: number): number {
  for (let back = 0; back < 4; back += 1) if (((bytes[at - back] ?? 0) & 0xc0) !== 0x80) return at - back
  return at
}
