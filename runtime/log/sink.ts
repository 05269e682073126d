// Where bytes end, and where the daemon's own words go: the two small interfaces that the parts of the
// log pipeline share.

import type { LogLevel } from '../../config/config.ts'

/** Where log bytes end. */
export interface Sink {
  /** Takes bytes; they are only valid during the call, so a sink that keeps them copies them. Never throws. */
  write(chunk: Buffer): void
  /** Opens its file anew, after someone else moved it. Never throws. */
  reopen(): void
  close(): void
}

/** Further facts for JSON lines. */
export type LogFields = Readonly<Record<string, string | number | boolean>>

/** The daemon's own log. */
export interface Logger {
  /** Writes one line; `fields` appear in JSON only. */
  log(level: LogLevel, message: string, fields?: LogFields): void
}

/** Called with a sentence for the log when a sink has trouble; said once until it works again. */
export type ReportProblem = (message: string) => void
