// Removes terminal control sequences (ESC [ … final byte) from a stream of bytes, for strip_ansi. A sequence may be
// split between two chunks: its first part is kept until the next chunk comes. Unlike supervisord, it knows every final
// byte, so it never removes text.

const ESC = 0x1b
const BRACKET = 0x5b

/** The longest sequence that is recognized; anything longer is text. */
const LONGEST_SEQUENCE = 64

/** Removes sequences from one stream. */
export class AnsiStripper {
  #pending: number[] = []

  /** The number of bytes that may be the beginning of a sequence, and are not passed on yet. */
  get waiting(): number {
    return this.#pending.length
  }

  /** The chunk without sequences; a copy. */
  strip(chunk: Buffer): Buffer {
    if (this.#pending.length === 0 && !chunk.includes(ESC)) return chunk
    const result: number[] = []
    for (const byte of chunk) this.#take(byte, result)
    return Buffer.from(result)
  }

  #take(byte: number, result: number[]): void {
    if (this.#pending.length === 0 || byte === ESC) {
      this.#release(result)
      if (byte === ESC) this.#pending.push(byte)
      else result.push(byte)
      return
    }
    this.#pending.push(byte)
    if (!this.#isSequence(byte)) this.#release(result)
    else if (this.#pending.length > 2 && isFinal(byte)) this.#pending = []
  }

  #isSequence(byte: number): boolean {
    if (this.#pending.length === 2) return byte === BRACKET
    return this.#pending.length <= LONGEST_SEQUENCE && byte >= 0x20 && byte <= 0x7e
  }

  #release(result: number[]): void {
    result.push(...this.#pending)
    this.#pending = []
  }
}

function isFinal(byte: number): boolean {
  return byte >= 0x40 && byte <= 0x7e
}
