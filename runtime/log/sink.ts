// The two small interfaces that the parts of the log pipeline share: a destination of bytes, and the daemon's own log.

import type { LogLevel } from '../../config/model/log-level.ts'

/** A destination of log bytes. */
export interface Sink {
  /** Writes bytes. They are only valid during the call, so a sink that keeps them copies them. Never throws. */
  write(chunk: Buffer): void
  /** Opens its file again, after another program has moved it. Never throws. */
  reopen(): void
  close(): void
}

/** Further facts for JSON lines. */
export type LogFields = Readonly<Record<string, string | number | boolean>>

/** The daemon's own log. */
export interface Logger {
  /** Writes one line; `fields` appear only in JSON. */
  log(level: LogLevel, message: string, fields?: LogFields): void
}

/**
 * Called with a sentence for the log when a sink has a problem. It is called once, and again only after the sink has
 * worked.
 */
export type ReportProblem = (message: string) => void
