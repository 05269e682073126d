// Takes terminal control sequences (ESC [ … final byte) out of a stream of bytes, for strip_ansi. A sequence
// may be cut anywhere between two chunks; what is between ESC and its end is held back until the next one.
// Unlike supervisord it knows every final byte, so it never swallows text.

const ESC = 0x1b
const BRACKET = 0x5b

/** Longest sequence that is believed; longer ones are text. */
const LONGEST_SEQUENCE = 64

/** Removes sequences from one stream. */
export class AnsiStripper {
  #held: number[] = []

  /** The chunk without sequences; a copy. */
  strip(chunk: Buffer): Buffer {
    if (this.#held.length === 0 && !chunk.includes(ESC)) return chunk
    const result: number[] = []
    for (const byte of chunk) this.#take(byte, result)
    return Buffer.from(result)
  }

  #take(byte: number, result: number[]): void {
    if (this.#held.length === 0 || byte === ESC) {
      this.#release(result)
      if (byte === ESC) this.#held.push(byte)
      else result.push(byte)
      return
    }
    this.#held.push(byte)
    if (!this.#isSequence(byte)) this.#release(result)
    else if (this.#held.length > 2 && isFinal(byte)) this.#held = []
  }

  #isSequence(byte: number): boolean {
    if (this.#held.length === 2) return byte === BRACKET
    return this.#held.length <= LONGEST_SEQUENCE && byte >= 0x20 && byte <= 0x7e
  }

  #release(result: number[]): void {
    result.push(...this.#held)
    this.#held = []
  }
}

function isFinal(byte: number): boolean {
  return byte >= 0x40 && byte <= 0x7e
}
