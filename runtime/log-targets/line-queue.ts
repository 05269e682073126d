// Output that waits for a log target. What comes from a program is only copied here; it is split into lines when it is sent, so
// a flood costs little, and nothing at all but the count of its lines while the queue is full.

/** Complete lines of one stream, each with its line feed, that came together. */
export interface Block {
  readonly group: string
  readonly program: string
  readonly stream: 'stdout' | 'stderr'
  readonly atMs: number
  readonly bytes: Buffer
}

/** Approximate memory of a block besides its bytes. */
const BLOCK_BYTES = 256
const NEWLINE = 10

/** The queue of one log target. */
export class LineQueue {
  readonly #limit: number
  readonly #blocks: Block[] = []
  #first = 0
  #bytes = 0
  /** Bytes of the batch that was taken and is not done. */
  #taken = 0

  /** `limit` is in bytes. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Bytes that wait, or are being sent. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether something waits. */
  get isEmpty(): boolean {
    return this.#first >= this.#blocks.length
  }

  /** Whether so many bytes more are too many. */
  isFullFor(bytes: number): boolean {
    return this.#bytes + bytes + BLOCK_BYTES > this.#limit
  }

  add(block: Block): void {
    this.#blocks.push(block)
    this.#bytes += block.bytes.length + BLOCK_BYTES
  }

  /** Takes the oldest blocks, about so many bytes of them, but at least one. They count until done() is called. */
  take(bytes: number): readonly Block[] {
    const batch: Block[] = []
    let size = 0
    for (; this.#first < this.#blocks.length && (size === 0 || size < bytes); this.#first += 1) {
      const block = this.#blocks[this.#first]
      if (block === undefined) break
      batch.push(block)
      size += block.bytes.length + BLOCK_BYTES
    }
    if (this.#first > 1000 || this.isEmpty) {
      this.#blocks.splice(0, this.#first)
      this.#first = 0
    }
    this.#taken = size
    return batch
  }

  /** The batch that was taken last is sent or given up. */
  done(): void {
    this.#bytes -= this.#taken
    this.#taken = 0
  }

  /** The lines that wait, without those that are being sent. */
  countLines(): number {
    let count = 0
    for (let index = this.#first; index < this.#blocks.length; index += 1)
      count += linesIn(this.#blocks[index]?.bytes ?? Buffer.alloc(0))
    return count
  }
}

/** The number of lines in complete lines. */
export function linesIn(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count += 1
  return count
}
