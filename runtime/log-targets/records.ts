// Lines as records: each has a time, where it comes from, and a severity. The severity is the one that a line in JSON names;
// else it is `error` for standard error and `info` for standard output, as Docker's syslog driver has it.

import type { Block } from './line-queue.ts'

/** Severities by rank. */
export const SEVERITIES = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const

/** One of SEVERITIES. */
export type Severity = (typeof SEVERITIES)[number]

/** One line. */
export interface LogRecord {
  readonly group: string
  readonly program: string
  readonly stream: 'stdout' | 'stderr'
  /** Nanoseconds since 1970; no two records of a target have the same. */
  readonly atNs: bigint
  /** Without its line feed. */
  readonly text: string
  readonly severity: Severity
}

/** Where loggers put the severity of a line. */
const LEVEL_KEYS = ['level', 'severity', 'lvl', 'levelname', 'log.level'] as const
const WORDS: Readonly<Record<string, Severity>> = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  information: 'info',
  notice: 'info',
  default: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  err: 'error',
  critical: 'fatal',
  crit: 'fatal',
  alert: 'fatal',
  emergency: 'fatal',
  emerg: 'fatal',
  fatal: 'fatal',
  panic: 'fatal',
}
/** Longer lines are not read as JSON. */
const LONGEST_JSON = 16 * 1024

/** Makes records of blocks. `after` is the time of the last record before; gives the time of the last one. */
export function recordsOf(blocks: readonly Block[], after: bigint): { records: LogRecord[]; last: bigint } {
  let last = after
  const records: LogRecord[] = []
  for (const { group, program, stream, atMs, bytes } of blocks) {
    const beganNs = BigInt(Math.floor(atMs)) * 1_000_000n
    for (const line of bytes.toString().split('\n').slice(0, -1)) {
      // Loki takes two lines with one time and one text for the same line
      last = beganNs > last ? beganNs : last + 1n
      const text = line.endsWith('\r') ? line.slice(0, -1) : line
      if (text !== '') records.push({ group, program, stream, atNs: last, text, severity: severityOf(text, stream) })
    }
  }
  return { records, last }
}

function severityOf(text: string, stream: 'stdout' | 'stderr'): Severity {
  return severityInJson(text) ?? (stream === 'stderr' ? 'error' : 'info')
}

function severityInJson(text: string): Severity | undefined {
  if (!text.startsWith('{') || !text.endsWith('}') || text.length > LONGEST_JSON) return undefined
  let value: Readonly<Record<string, unknown>>
  try {
    value = JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
  const level = LEVEL_KEYS.map((key) => value[key]).find((one) => typeof one === 'string' || typeof one === 'number')
  if (typeof level === 'number') return severityOfNumber(level)
  return typeof level === 'string' ? WORDS[level.toLowerCase()] : undefined
}

/** Levels of pino and bunyan: 10 is trace, 60 is fatal. Source: pino 9, docs/api.md, "logger.levels". */
function severityOfNumber(level: number): Severity | undefined {
  return level >= 10 && level <= 60 ? SEVERITIES[Math.floor(level / 10) - 1] : undefined
}
