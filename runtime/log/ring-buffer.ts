// Keeps the last bytes of a stream without a log file (logfile = /dev/stdout), so that `tail` works there too. It
// starts small and doubles up to its limit; most programs never write enough to reach it.

const FIRST_BYTES = 1024

/** Keeps the newest bytes of a stream. */
export class RingBuffer {
  readonly #limitBytes: number
  #bytes = Buffer.alloc(0)
  /** Position of the next byte. */
  #end = 0
  #filled = 0

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  /** Adds bytes and drops the oldest. */
  write(chunk: Buffer): void {
    const kept = chunk.length > this.#limitBytes ? chunk.subarray(chunk.length - this.#limitBytes) : chunk
    this.#grow(this.#filled + kept.length)
    const first = Math.min(kept.length, this.#bytes.length - this.#end)
    kept.copy(this.#bytes, this.#end, 0, first)
    kept.copy(this.#bytes, 0, first)
    this.#end = this.#bytes.length === 0 ? 0 : (this.#end + kept.length) % this.#bytes.length
    this.#filled = Math.min(this.#filled + kept.length, this.#bytes.length)
  }

  /** The last `count` bytes, or all that are kept if there are fewer; a copy. */
  tail(count: number): Buffer {
    const wanted = Math.min(Math.max(count, 0), this.#filled)
    const start = this.#end - wanted
    if (start >= 0) return Buffer.from(this.#bytes.subarray(start, this.#end))
    const older = this.#bytes.subarray(this.#bytes.length + start)
    return Buffer.concat([older, this.#bytes.subarray(0, this.#end)])
  }

  /** Number of bytes that are kept. */
  get size(): number {
    return this.#filled
  }

  /** At most `count` of the kept bytes, from `start` on; a copy. */
  read(start: number, count: number): Buffer {
    return this.tail(this.#filled - start).subarray(0, count)
  }

  /** Drops all bytes. */
  clear(): void {
    this.#filled = 0
  }

  #grow(wanted: number): void {
    if (wanted <= this.#bytes.length || this.#bytes.length === this.#limitBytes) return
    let size = Math.max(this.#bytes.length, FIRST_BYTES)
    while (size < wanted) size *= 2
    const content = this.tail(this.#filled)
    this.#bytes = Buffer.alloc(Math.min(size, this.#limitBytes))
    content.copy(this.#bytes)
    this.#end = content.length % this.#bytes.length
  }
}
