// The types of values. Each type defines how a text is read (after expansion), and which TOML values it accepts. Texts
// follow supervisord's rules, because converted files keep supervisord's expansions. Source: supervisor 4.2.5,
// datatypes.py; Python's int().

import type { LogFile } from '../model/output.ts'
import type { Value } from '../model/value.ts'
import type { AutoRestart } from '../model/ends.ts'
import { readEnvironment } from './environment.ts'
import { secondsOf } from './duration.ts'
import { EVENT_NAMES, type EventName } from '../model/event-names.ts'
import { nearest } from './nearest.ts'
import { readSignal, signalName, unknownSignal } from './signal.ts'

/** An invalid value; the message is the end of "Cannot read … as <type>: ". */
export class ValueError extends Error {}

/** Defines how values of one type are read. */
export interface ValueType<T> {
  /** The name in messages and in the reference: `flag`, `seconds` … */
  readonly name: string
  /** Reads an expanded text. Throws ValueError. */
  fromText(text: string): T
  /** Reads a TOML value that is no text; undefined when it has the wrong type. Texts inside it are expanded first. */
  fromToml?(value: Value): T | undefined
  /**
   * The TOML value that a text in kahi.toml stands for; undefined for other texts. For words that supervisord refuses:
   * in a supervisord.conf they are still errors.
   */
  standsFor?(text: string): Value | undefined
  /** Messages of its errors quote no secret, although the name of the key sounds like one. */
  readonly isQuiet?: boolean
  /** The words, or the least and the most number, of a type that takes only these. */
  readonly words?: readonly string[]
  readonly between?: readonly [number, number]
  /** How a value is written, if not as it is. */
  toToml?(value: T): Value
}

/** Any text. */
export const text: ValueType<string> = { name: 'text', fromText: (value) => value }

/** true or false; as text also yes, no, on, off, 1, 0 in any case. */
export const flag: ValueType<boolean> = {
  name: 'flag',
  fromText(value) {
    const lower = value.toLowerCase()
    if (['yes', 'true', 'on', '1'].includes(lower)) return true
    if (['no', 'false', 'off', '0'].includes(lower)) return false
    throw new ValueError(`${quote(value)} is neither true nor false`)
  },
  fromToml: (value) => (typeof value === 'boolean' ? value : undefined),
}

/** A whole number. */
export const integer: ValueType<number> = {
  name: 'whole number',
  fromText: readInteger,
  fromToml: (value) => (typeof value === 'number' && Number.isInteger(value) ? value : undefined),
}

/** A whole number with limits. */
export function integerBetween(least: number, most: number): ValueType<number> {
  const check = (number: number): number => {
    if (number >= least && number <= most) return number
    throw new ValueError(`${number} is not between ${least} and ${most}`)
  }
  return {
    name: `whole number from ${least} to ${most}`,
    between: [least, most],
    fromText: (value) => check(readInteger(value)),
    fromToml: (value) => (typeof value === 'number' && Number.isInteger(value) ? check(value) : undefined),
  }
}

/** A whole number of seconds; in kahi.toml also a duration such as "10s" or "5m". */
export const seconds: ValueType<number> = { ...integer, name: 'seconds', standsFor: secondsOf }

/** A time limit in seconds, with decimals; 0 = no limit. In kahi.toml also a duration such as "500ms". */
export const timeLimit: ValueType<number> = {
  name: 'number of seconds',
  fromText(value) {
    if (!/^\d+(?:\.\d+)?$/.test(strip(value))) throw new ValueError(`${quote(value)} is not a number of seconds`)
    return Number(strip(value))
  },
  fromToml: (value) => (typeof value === 'number' && value >= 0 && Number.isFinite(value) ? value : undefined),
  standsFor: secondsOf,
}

/** A size: a number of bytes, or a text with B, KB, MB or GB. */
export const bytes: ValueType<number> = {
  ...integer,
  name: 'size',
  fromText: (value) => readBytes(value.replace(/^(\d+)B$/i, '$1')),
  toToml: showBytes,
}

/** File mode bits as octal text, `"0700"`. */
export const octal: ValueType<number> = {
  name: 'octal text',
  fromText(value) {
    const digits = strip(value)
      .replace(/^0o/i, '')
      .replaceAll(/(?<=[0-7])_(?=[0-7])/g, '')
    if (!/^[0-7]+$/.test(digits)) throw new ValueError(`${quote(value)} is not octal`)
    return Number.parseInt(digits, 8)
  },
  toToml: (value) => value.toString(8).padStart(4, '0'),
}

/** A signal by name or number. */
export const signal: ValueType<number> = {
  name: 'signal',
  fromText(value) {
    const number = readSignal(value)
    if (number === undefined) throw new ValueError(unknownSignal(value))
    return number
  },
  fromToml: (value) => (typeof value === 'number' ? readSignal(String(value)) : undefined),
  toToml: (value) => signalName(value).replace(/^SIG/, ''),
}

/** An exit code, 0 to 255. */
export const exitCode: ValueType<number> = {
  name: 'exit code',
  fromText: (value) => checkExitCode(readInteger(value)),
  fromToml: (value) => (typeof value === 'number' ? checkExitCode(value) : undefined),
}

/** Exit codes 0 to 255; in a text separated by commas. */
export const exitcodes: ValueType<readonly number[]> = {
  name: 'list of exit codes',
  fromText: (value) => (value === '' ? [] : value.split(',').map((item) => checkExitCode(readInteger(item)))),
  fromToml(value) {
    if (!Array.isArray(value)) return undefined
    return value.every((item) => typeof item === 'number') ? value.map(checkExitCode) : undefined
  },
}

/** Names; in a text separated by commas. */
export const names: ValueType<readonly string[]> = {
  name: 'list of names',
  fromText: (value) => (value === '' ? [] : value.split(',').map(strip)),
  fromToml: (value) => (Array.isArray(value) && value.every(isText) ? value : undefined),
}

/** Event names in any case; at least one. Double names are removed, the order is kept. */
export const eventNames: ValueType<readonly EventName[]> = {
  name: 'list of events',
  fromText: (value) => readEventNames(names.fromText(value)),
  fromToml(value) {
    const list = names.fromToml?.(value)
    return list === undefined ? undefined : readEventNames(list)
  },
}

/** A command line, or a list of arguments. */
export const command: ValueType<string | readonly string[]> = {
  name: 'command',
  fromText: (value) => value,
  fromToml: (value) => (Array.isArray(value) && value.length > 0 && value.every(isText) ? value : undefined),
}

/** Variables as a table, or as a text in supervisord's form `A="1",B="2"`. */
export const environment: ValueType<Readonly<Record<string, string>>> = {
  name: 'table of variables',
  fromText(value) {
    const result = readEnvironment(value)
    if ('error' in result) throw new ValueError(result.error)
    return result.variables
  },
  fromToml(value) {
    if (typeof value !== 'object' || Array.isArray(value)) return undefined
    const wrong = Object.entries(value).find(([, one]) => typeof one === 'object')
    if (wrong !== undefined) throw new ValueError(`${wrong[0]} must be a text, a number, true or false`)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, String(one)]))
  },
}

/** Other words for the values of autorestart, as other tools have them. */
const AUTORESTART: Readonly<Record<string, Value>> = {
  always: true,
  never: false,
  'on-failure': 'unexpected',
  on_failure: 'unexpected',
}

/** true, false or "unexpected"; in kahi.toml also "always", "never" and "on-failure". */
export const autorestart: ValueType<AutoRestart> = {
  name: 'true, false or "unexpected"',
  fromText: (value) => (value.toLowerCase() === 'unexpected' ? 'unexpected' : flag.fromText(value) ? 'true' : 'false'),
  fromToml: (value) => (typeof value === 'boolean' ? (value ? 'true' : 'false') : undefined),
  standsFor: (value) => AUTORESTART[value],
}

/** A path, `AUTO` or `NONE`; names of the daemon's own stdout and stderr are recognised. */
export const logfile: ValueType<LogFile | 'syslog'> = {
  name: 'log file',
  fromText(value) {
    const lower = value.toLowerCase()
    if (lower === 'none' || lower === 'off' || lower === '') return { kind: 'none' }
    if (lower === 'auto') return { kind: 'auto' }
    if (lower === 'syslog') return 'syslog'
    const standard = /^\/(?:dev\/(stdout|stderr)|(?:dev|proc\/self)\/fd\/([12]))$/.exec(value)
    if (standard === null) return { kind: 'file', path: value }
    return { kind: standard[1] === 'stdout' || standard[2] === '1' ? 'stdout' : 'stderr', path: value }
  },
  toToml: (value) => (typeof value === 'string' ? value : 'path' in value ? value.path : value.kind.toUpperCase()),
}

/** One of several words, in any case. */
export function choice<T extends string>(words: readonly T[]): ValueType<T> {
  return {
    name: `one of ${words.join(', ')}`,
    words,
    fromText(value) {
      const word = words.find((candidate) => candidate === value.toLowerCase())
      if (word === undefined) throw new ValueError(`${quote(value)} is none of them`)
      return word
    },
  }
}

/** A whole number as Python's int() reads it: with a sign, blanks around it, leading zeros, `1_000`. */
export function readInteger(value: string): number {
  const digits = strip(value)
  if (!/^[+-]?[0-9](?:_?[0-9])*$/.test(digits)) throw new ValueError(`${quote(value)} is not a whole number`)
  // adding 0 turns -0 into 0
  return Number(digits.replaceAll('_', '')) + 0
}

/**
 * A size with KB, MB or GB (multiples of 1024), or a plain number, as supervisord reads it. Source: supervisor 4.2.5,
 * SuffixMultiplier.
 */
export function readBytes(value: string): number {
  const lower = value.toLowerCase()
  const factors: Readonly<Record<string, number>> = { kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }
  const factor = factors[lower.slice(-2)]
  try {
    return factor === undefined ? readInteger(lower) : readInteger(lower.slice(0, -2)) * factor
  } catch {
    throw new ValueError(`${quote(value)} is not a number of bytes, KB, MB or GB`)
  }
}

function showBytes(size: number): Value {
  const unit = [
    ['GB', 1024 ** 3],
    ['MB', 1024 ** 2],
    ['KB', 1024],
  ] as const
  const fitting = unit.find(([, factor]) => size >= factor && size % factor === 0)
  return fitting === undefined ? size : `${size / fitting[1]}${fitting[0]}`
}

const BLANK = /[\s\x1c-\x1f\x85]/

/** Removes what Python regards as blanks at both ends. */
export function strip(value: string): string {
  let [start, end] = [0, value.length]
  while (start < end && BLANK.test(value.charAt(start))) start += 1
  while (end > start && BLANK.test(value.charAt(end - 1))) end -= 1
  return value.slice(start, end)
}

/** A value in double quotes; a long one is shortened. */
export function quote(value: string): string {
  const short = value.length > 80 ? `${value.slice(0, 77)}…` : value
  return JSON.stringify(short)
}

function checkExitCode(code: number): number {
  if (Number.isInteger(code) && code >= 0 && code <= 255) return code
  throw new ValueError(`${code} is not between 0 and 255`)
}

function readEventNames(list: readonly string[]): readonly EventName[] {
  if (list.length === 0) throw new ValueError('it names no event')
  return [...new Set(list.map(readEventName))]
}

function readEventName(name: string): EventName {
  const upper = name.toUpperCase()
  const known = EVENT_NAMES.find((candidate) => candidate === upper)
  if (known !== undefined) return known
  const close = nearest(upper, EVENT_NAMES)
  throw new ValueError(
    `there is no event ${quote(name)}${close === undefined ? '' : `; did you mean ${quote(close)}?`}`,
  )
}

function isText(value: Value): value is string {
  return typeof value === 'string'
}
