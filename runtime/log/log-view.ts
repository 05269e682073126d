// Logs as control sees them.

import type { TimedLine } from './time-marks.ts'

/** A stream as control sees it. */
export interface StreamLog {
  /** The last bytes of the log. */
  tail(bytes: number): Buffer
  /** Number of bytes that can be read; undefined when there is no log at all. */
  size(): number | undefined
  /** At most `count` bytes from `start` on. */
  read(start: number, count: number): Buffer
  /** Empties the log. Throws the error of the system. */
  clear(): void
  /** Calls the listener with each chunk from now on, which it must not change, over rotations and restarts; gives a function that ends it. */
  follow(listener: (chunk: Buffer) => void): () => void
  /** What came through the log so far; undefined for a log that is not counted. */
  readonly output?: OutputCount
}

/** Bytes that processes wrote, and of these the bytes that the log file did not take. */
export interface OutputCount {
  readonly receivedBytes: number
  readonly droppedBytes: number
  /** Bytes that went into the log: without captures and escape sequences, and formatted. */
  readonly loggedBytes: number
}

/** The log of a process: it also knows when its lines were written. */
export interface TimedLog extends StreamLog {
  /** At most the last `most` lines of the last `bytes`; with a time only those that were written since then. */
  lines(bytes: number, most: number, sinceMs?: number): readonly TimedLine[]
}
