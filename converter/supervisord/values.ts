// Turns the value of one key from supervisord's words into kahi's, so that it means the same: literals
// become TOML numbers, flags and lists; a value with expansions stays text, with `$` escaped, which
// supervisord does not expand. Checks what the original checks and kahi does not.
// Source: supervisor 4.2.5, options.py, datatypes.py.

import type { Value } from '../../config/document.ts'
import { readEnvironment } from '../../config/environment.ts'
import { escapeDollars, expand, type Names, namesIn } from '../../config/expand.ts'
import type { Key } from '../../config/key.ts'
import {
  bytes,
  command,
  environment,
  logfile,
  octal,
  quote,
  readBytes,
  signal,
  strip,
  text,
  ValueError,
} from '../../config/values.ts'

/** What a value may name, and how it is read. */
export interface Reading {
  readonly names: Names
  /** Names besides ENV_… that supervisord knows here; undefined allows all. */
  readonly allowed: readonly string[] | undefined
  /** The original expands the value twice. */
  readonly twice: boolean
}

/** The value in kahi's words; throws ValueError where supervisord would refuse it. */
export function convertValue(raw: string, row: Key<unknown>, reading: Reading): Value {
  const once = reading.twice ? unescapeOnce(raw) : raw
  checkNames(once, reading.allowed)
  if (row.type === environment) return convertEnvironment(once)
  if (once.includes('%')) {
    if (namesIn(once).length === 0) return convertLiteral(expand(once, {}, 'percent'), row, escapeDollars(once))
    return escapeDollars(once)
  }
  return convertLiteral(once, row, escapeDollars(once))
}

/** `%%` → `%`, expansions untouched: what is left of the first of two passes. */
function unescapeOnce(raw: string): string {
  return raw.replaceAll(/%%|%\([^)]*\)/g, (match) => (match === '%%' ? '%' : match))
}

function checkNames(raw: string, allowed: readonly string[] | undefined): void {
  const wrong = namesIn(raw).find(
    (name) => allowed !== undefined && !name.startsWith('ENV_') && !allowed.includes(name),
  )
  if (wrong === undefined) return
  const known = allowed?.map((name) => `%(${name})s`).join(', ')
  throw new ValueError(`"%(${wrong})s" is unknown here; known are ${known === '' ? '' : `${known} and `}%(ENV_…)s`)
}

function convertLiteral(literal: string, row: Key<unknown>, escaped: string): Value {
  const { type } = row
  if (type === signal) return convertSignal(literal)
  if (type === text || type === command || type === logfile || type === octal || 'fromToml' in type === false) {
    type.fromText(literal)
    return escaped
  }
  if (type === bytes) {
    const size = readBytes(literal)
    return /[a-z]/i.test(literal) ? strip(literal).toUpperCase() : size
  }
  const value = type.fromText(literal)
  if (value === 'true' || value === 'false') return value === 'true'
  return typeof value === 'string' ? escaped : (value as Value)
}

/** Only the names that Python's signal module has, in supervisord's spelling or the number. */
function convertSignal(literal: string): Value {
  const number = signal.fromText(literal)
  const isNamed = number <= 31 || number === 34 || number === 64
  if (!isNamed || /[+-]/.test(literal)) throw new ValueError(`${quote(literal)} is not a signal name or number`)
  return /^\d+$/.test(strip(literal)) ? number : strip(literal).toUpperCase()
}

const FIRST_STAND_IN = 0xf0000

/**
 * A table of variables, if each expansion stands inside a value; else the text as it is, which kahi reads
 * by the original's rules after expansion. Expansions are hidden behind characters of a private plane
 * while the words are told apart.
 */
function convertEnvironment(raw: string): Value {
  const hidden: string[] = []
  const masked = raw.replaceAll(/%%|%\([^)]*\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]|%/g, (match) => {
    if (match === '%%') return '%'
    hidden.push(match)
    return String.fromCodePoint(FIRST_STAND_IN + hidden.length - 1)
  })
  if (hidden.includes('%')) throw new ValueError('a "%" begins no expansion; write "%%" for a literal one')
  const result = readEnvironment(masked, (character) => /[\ud800-\udfff]/.test(character))
  const stands = new RegExp(`[\\u{${FIRST_STAND_IN.toString(16)}}-\\u{ffffd}]`, 'gu')
  if ('error' in result) {
    if (hidden.length === 0) throw new ValueError(result.error)
    return escapeDollars(raw)
  }
  if (Object.keys(result.variables).some((key) => stands.test(key))) return escapeDollars(raw)
  const show = (value: string): string =>
    escapeDollars(value.replaceAll('%', '%%')).replaceAll(
      stands,
      (stand) => hidden[(stand.codePointAt(0) ?? 0) - FIRST_STAND_IN] ?? '',
    )
  return Object.fromEntries(Object.entries(result.variables).map(([key, value]) => [key, show(value)]))
}
