// The daemon's own log. Text lines are byte for byte those of supervisord, because users search them with grep. JSON
// lines have the same sentence, and its facts as fields. Each output has its own format.

import { LOG_LEVELS, type LogLevel } from '../../config/model/log-level.ts'
import type { Clock } from '../system/clock.ts'
import { localTime } from './local-time.ts'
import type { LogFields, Logger, Sink } from './sink.ts'

/** One output of the log. */
export interface LogOutput {
  readonly sink: Sink
  readonly format: 'text' | 'json'
}

/** Source: supervisor 4.2.5, loggers.LevelsByDescription and Handler.fmt. */
const LEVEL_WORDS: Readonly<Record<LogLevel, string>> = {
  critical: 'CRIT',
  error: 'ERRO',
  warn: 'WARN',
  info: 'INFO',
  debug: 'DEBG',
  trace: 'TRAC',
  blather: 'BLAT',
}

/** Gets each line before it is formatted. */
export type LineObserver = (level: LogLevel, message: string, fields: LogFields | undefined) => void

/** Writes lines at or above its level to every output. */
export class ActivityLog implements Logger {
  readonly #clock: Clock
  readonly #outputs: readonly LogOutput[]
  readonly #limit: number
  readonly #followers = new Set<(line: Buffer) => void>()
  #observer: LineObserver | undefined

  constructor(options: { clock: Clock; level: LogLevel; outputs: readonly LogOutput[] }) {
    this.#clock = options.clock
    this.#outputs = options.outputs
    this.#limit = LOG_LEVELS.indexOf(options.level)
  }

  log(level: LogLevel, message: string, fields?: LogFields): void {
    if (LOG_LEVELS.indexOf(level) > this.#limit) return
    const time = new Date(this.#clock.wallMs())
    for (const { sink, format } of this.#outputs) {
      const line = format === 'text' ? textLine(time, level, message) : jsonLine(time, level, message, fields)
      sink.write(Buffer.from(line))
    }
    this.#observer?.(level, message, fields)
    if (this.#followers.size === 0) return
    const line = Buffer.from(textLine(time, level, message))
    for (const follower of this.#followers) follower(line)
  }

  /** Calls the listener with each line from now on; gives a function that ends it. */
  follow(listener: (line: Buffer) => void): () => void {
    this.#followers.add(listener)
    return () => this.#followers.delete(listener)
  }

  /** Calls the observer with each line from now on; undefined ends that. */
  observe(observer: LineObserver | undefined): void {
    this.#observer = observer
  }

  /** Reopens its files. */
  reopen(): void {
    for (const { sink } of this.#outputs) sink.reopen()
  }

  close(): void {
    for (const { sink } of this.#outputs) sink.close()
  }
}

/** `2026-11-21 01:50:03,042 INFO message`. Source: supervisor 4.2.5, loggers.LogRecord.asdict. */
function textLine(time: Date, level: LogLevel, message: string): string {
  return `${localTime(time)} ${LEVEL_WORDS[level]} ${message}\n`
}

function jsonLine(time: Date, level: LogLevel, message: string, fields: LogFields | undefined): string {
  return `${JSON.stringify({ time: time.toISOString(), level, message, ...fields })}\n`
}
