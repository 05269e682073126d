// Remembers when the output of a stream was written, so that clients can ask for the output since a time. Log files keep
// no times for raw output. The memory is bounded: older times become coarser.

/** Output that follows within this time belongs to the same mark. */
const STEP_MS = 100
const MOST_MARKS = 256

interface Mark {
  /** Bytes of the stream that were written before. */
  readonly offset: number
  readonly atMs: number
}

/** A line of a log, and when it was written; undefined when that is not known. */
export interface TimedLine {
  readonly atMs: number | undefined
  readonly line: string
}

/** The times of the output of one stream. */
export class TimeMarks {
  #marks: Mark[] = []
  #total = 0

  /** So many bytes were written now, on the wall clock. */
  add(bytes: number, atMs: number): void {
    const last = this.#marks.at(-1)
    if (last === undefined || atMs - last.atMs >= STEP_MS || atMs < last.atMs)
      this.#marks.push({ offset: this.#total, atMs })
    this.#total += bytes
    if (this.#marks.length > MOST_MARKS) this.#marks = this.#marks.filter((_, index) => index % 2 === 0)
  }

  /** How many bytes were written at this time and later. */
  bytesSince(atMs: number): number {
    const first = this.#marks.findIndex((mark) => mark.atMs >= atMs)
    // the output of a mark may have been written until just before the next one
    const mark = this.#marks[first < 0 ? this.#marks.length - 1 : Math.max(0, first - 1)]
    return mark === undefined ? 0 : this.#total - mark.offset
  }

  /** The lines of the last bytes of the log, each with the time of its beginning. */
  lines(tail: Buffer): readonly TimedLine[] {
    const found: TimedLine[] = []
    const start = this.#total - tail.length
    let mark = -1
    for (let from = 0; from < tail.length;) {
      const newline = tail.indexOf(0x0a, from)
      const end = newline < 0 ? tail.length : newline
      while ((this.#marks[mark + 1]?.offset ?? Infinity) <= start + from) mark += 1
      found.push({ atMs: this.#marks[mark]?.atMs, line: tail.toString('utf8', from, end) })
      from = end + 1
    }
    return found
  }
}
