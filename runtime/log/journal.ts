// Reads the output of a process from a journal of the helper, where the daemon process may be killed at any time
// (decision 25). The journal is a file without a name: the helper appends what the process writes, and
// the daemon process notes at its beginning how far it has come. Before each write to the log file it notes what it is
// about to write, and where; so the next daemon process sees whether that was done, in part or not at all.

import { closeSync, fstatSync, readSync, writeSync } from 'node:fs'
import type { Clock, Timer } from '../system/clock.ts'
import { turnLimit } from './turn-limit.ts'

/** How far a file was written: its number in its file system, and its size. */
export interface Place {
  readonly file: number
  readonly size: number
}

/** The destination of the output. Only a regular file has a `place`: of another one nothing says how far it was written. */
export interface JournaledFile {
  readonly place?: Place | undefined
  /** The place that the previous daemon process left, if this one may have written to the file since. */
  readonly found?: Place | undefined
  write(chunk: Buffer): void
  /**
   * Cuts the file after its last line feed from `offset` on; gives the number of lines that are left from there. Absent
   * where a write is done completely or not at all.
   */
  cutAfterLines?(offset: number): number
}

/** What a reader needs. */
export interface JournalOptions {
  readonly clock: Clock
  /** Gets the output; the bytes are only valid during the call. */
  readonly take: (chunk: Buffer) => void
  /** The number of bytes that were taken and wait for the end of their line, or of their control sequence. */
  readonly waiting: () => number
  /**
   * Gives what is written to the log for this output, where that is the same at any time. Undefined where lines are formatted:
   * then output is taken in whole lines.
   */
  readonly written?: ((output: Buffer) => Buffer) | undefined
  /** One write for all output that is taken at once: where a part of it is no output of the log, such as a capture. */
  readonly gathers?: boolean
  /** The log file; undefined when it cannot be opened. */
  readonly file: () => JournaledFile | undefined
  /** Asks for output after `position`; `ready` is called once, when there is some. */
  readonly collect: (position: number, ready: () => void) => void
  /** Called once, when the pipe is too small for the output. */
  readonly onBusy: () => void
}

/** The numbers at the beginning of a journal, each a double. A write is under way when `to` is behind `done`. */
interface Notes {
  /** All output before this position is written. */
  readonly done: number
  /** All output before this position is in the write. */
  readonly to: number
  readonly file: number
  readonly offset: number
  readonly length: number
}

const NUMBER_BYTES = 8
const NOTES_BYTES = 5 * NUMBER_BYTES
/** The most that is taken at once, which is one write: without a format, and with one, where a longer line is cut. */
const CHUNK_BYTES = 256 * 1024
const LINES_BYTES = 64 * 1024
const TURN_BYTES = 512 * 1024
const NEWLINE = 10

/** Output that follows within this time is collected after it, so that a flood comes in large pieces. */
const REST_MS = 4
const LITTLE_BYTES = 16 * 1024
const FULL_BYTES = 48 * 1024
const FULL_TIMES = 4

let sharedBuffer: Buffer | undefined

/** One for all readers: a chunk is passed on before the next one is read. */
function readBuffer(): Buffer {
  sharedBuffer ??= Buffer.allocUnsafeSlow(CHUNK_BYTES)
  return sharedBuffer
}

/** Reads one journal until it is closed. */
export class JournalReader {
  readonly #fd: number
  readonly #options: JournalOptions
  #done: number
  /** The position after what was taken, and the end of the journal when it was read last. */
  #taken: number
  #seen: number
  #isOpen = true
  #isPaused = false
  /** There was something to do during a pause. */
  #isDue = false
  #rest: Timer | undefined
  #lastMs = Number.NEGATIVE_INFINITY
  #fullTimes = 0
  /** What was formatted of the output that is being taken, if it is written at once. */
  #gathered: Buffer[] | undefined

  /** Takes over `fd`, and finishes what the previous daemon process had begun. */
  constructor(fd: number, options: JournalOptions) {
    this.#fd = fd
    this.#options = options
    const notes = this.#readNotes()
    this.#done = notes.done
    if (notes.to > notes.done) this.#recover(notes)
    this.#taken = this.#seen = this.#done
    // Other streams may write to the same file: all of them recover first.
    setImmediate(() => this.#goOn())
  }

  /** Writes a formatted chunk to the log file, as the newest of what was taken. */
  write(chunk: Buffer, file: JournaledFile): void {
    if (this.#gathered === undefined) this.#put(chunk, file)
    else this.#gathered.push(Buffer.from(chunk))
  }

  #put(chunk: Buffer, file: JournaledFile): void {
    const to = this.#taken - this.#options.waiting()
    const { place } = file
    if (place !== undefined) this.#note(NUMBER_BYTES, [to, place.file, place.size, chunk.length])
    file.write(chunk)
    this.#finish(to)
  }

  /** Takes everything that is in the journal now. */
  drain(): void {
    this.#takeAll(Number.POSITIVE_INFINITY, true)
  }

  /** Leaves the data in the journal until resume(); drain() takes it all the same. */
  pause(): void {
    this.#isPaused = true
  }

  /** Takes data again. */
  resume(): void {
    this.#isPaused = false
    if (this.#isDue) this.#goOn()
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#rest?.cancel()
    closeSync(this.#fd)
  }

  #goOn(): void {
    if (!this.#isOpen) return
    this.#isDue = this.#isPaused
    if (this.#isPaused) return
    const { clock } = this.#options
    const isLate = turnLimit(clock)
    const total = this.#takeAll(TURN_BYTES, false, isLate)
    const nowMs = clock.nowMs()
    const isBusy = nowMs - this.#lastMs <= REST_MS && total > 0 && total < LITTLE_BYTES
    this.#lastMs = nowMs
    if (total >= FULL_BYTES) this.#noticeFull()
    if (total >= TURN_BYTES || isLate()) setImmediate(() => this.#goOn())
    else if (isBusy) this.#rest = clock.after(REST_MS, () => this.#collect())
    else this.#collect()
  }

  #collect(): void {
    if (this.#isOpen) this.#options.collect(this.#seen, () => this.#goOn())
  }

  /** Takes whole lines, and at the end or without a format what follows them; gives the number of bytes. */
  #takeAll(limit: number, isEnd: boolean, isLate = () => false): number {
    const buffer = readBuffer()
    const isRaw = this.#options.written !== undefined
    const most = isRaw ? CHUNK_BYTES : LINES_BYTES
    const before = this.#taken
    this.#seen = this.#isOpen ? fstatSync(this.#fd).size : this.#taken
    while (this.#taken < this.#seen && this.#taken - before < limit) {
      if (this.#taken > before && isLate()) break
      const bytes = readSync(this.#fd, buffer, 0, most, this.#taken)
      const lines = isRaw ? bytes : buffer.subarray(0, bytes).lastIndexOf(NEWLINE) + 1
      const isWhole = lines > 0 || bytes === most || isEnd
      if (!isWhole || bytes === 0) break
      const chunk = buffer.subarray(0, lines > 0 ? lines : bytes)
      this.#taken += chunk.length
      this.#take(chunk)
      this.#finish(this.#taken - this.#options.waiting())
    }
    return this.#taken - before
  }

  #take(chunk: Buffer): void {
    if (this.#options.gathers !== true) {
      this.#options.take(chunk)
      return
    }
    this.#gathered = []
    this.#options.take(chunk)
    const [all, file] = [Buffer.concat(this.#gathered), this.#options.file()]
    this.#gathered = undefined
    if (all.length > 0 && file !== undefined) this.#put(all, file)
  }

  /** A file that is not the one of the note was rotated, which happens only after a whole write. */
  #recover({ done, to, file, offset, length }: Notes): void {
    const sink = this.#options.file()
    const place = sink?.found ?? sink?.place
    const written = place?.file === file ? Math.min(Math.max(place.size - offset, 0), length) : length
    const text = this.#options.written?.(this.#read(done, to))
    if (written < length && text?.length === length) sink?.write(text.subarray(written))
    if (written === length || sink === undefined || text?.length === length) this.#finish(to)
    else if (written > 0 && sink.cutAfterLines !== undefined)
      this.#finish(done + this.#bytesOf(sink.cutAfterLines(offset), done, to))
    else this.#finish(done)
  }

  /** The length of the first lines between two positions. */
  #bytesOf(lines: number, from: number, to: number): number {
    const bytes = this.#read(from, to)
    let end = 0
    for (let line = 0; line < lines; line++) end = bytes.indexOf(NEWLINE, end) + 1
    return end
  }

  #read(from: number, to: number): Buffer {
    const bytes = Buffer.alloc(to - from)
    readSync(this.#fd, bytes, 0, bytes.length, from)
    return bytes
  }

  #finish(done: number): void {
    this.#done = done
    this.#note(0, [done, done])
  }

  #readNotes(): Notes {
    const bytes = Buffer.alloc(NOTES_BYTES)
    readSync(this.#fd, bytes, 0, NOTES_BYTES, 0)
    const [done, to, file, offset, length] = [0, 1, 2, 3, 4].map((index) => bytes.readDoubleLE(index * NUMBER_BYTES))
    return { done: done ?? 0, to: to ?? 0, file: file ?? 0, offset: offset ?? 0, length: length ?? 0 }
  }

  /** The kernel writes so few bytes as a whole, also when this process is killed. */
  #note(at: number, numbers: readonly number[]): void {
    const bytes = Buffer.alloc(numbers.length * NUMBER_BYTES)
    for (const [index, number] of numbers.entries()) bytes.writeDoubleLE(number, index * NUMBER_BYTES)
    if (this.#isOpen) writeSync(this.#fd, bytes, 0, bytes.length, at)
  }

  #noticeFull(): void {
    this.#fullTimes += 1
    if (this.#fullTimes === FULL_TIMES) this.#options.onBusy()
  }
}
