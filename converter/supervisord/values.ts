// Converts the value of one key from supervisord's syntax to kahi's, with the same meaning: literals become TOML
// numbers, flags and lists; a value with expansions stays text, with `$` escaped, because supervisord does not expand
// it. Checks what supervisord checks and kahi does not. Source: supervisor 4.2.5, options.py, datatypes.py.

import type { Value } from '../../config/model/value.ts'
import { readEnvironment } from '../../config/values/environment.ts'
import { escapeDollars, expand, type Names, namesIn } from '../../config/values/expand.ts'
import type { Key } from '../../config/keys/key.ts'
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
} from '../../config/values/values.ts'

/** Facts about a value: the names that it may use, and how it is read. */
export interface Reading {
  readonly names: Names
  /** Names besides ENV_… that supervisord knows here; undefined allows all. */
  readonly allowed: readonly string[] | undefined
  /** supervisord expands the value twice. */
  readonly twice: boolean
}

/** The converted value. Throws ValueError where supervisord would refuse it. */
export function convertValue(raw: string, row: Key<unknown>, reading: Reading): Value {
  try {
    return convertOnce(reading.twice ? unescapeOnce(raw) : raw, row, reading)
  } catch (error) {
    if (!(error instanceof ValueError) || !reading.twice) throw error
    // Both expansions take one of two.
    throw new ValueError(error.message.replaceAll('"%%"', '"%%%%"'))
  }
}

function convertOnce(once: string, row: Key<unknown>, reading: Reading): Value {
  checkNames(once, reading.allowed)
  if (row.type === environment) return convertEnvironment(once)
  if (once.includes('%')) {
    if (namesIn(once).length === 0) return convertLiteral(expand(once, {}, 'percent'), row, escapeDollars(once))
    return escapeDollars(once)
  }
  return convertLiteral(once, row, escapeDollars(once))
}

/** `%%` → `%`, other expansions unchanged: the result of the first of two expansions. */
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

/** Only names in Python's signal module, in supervisord's spelling, or numbers. */
function convertSignal(literal: string): Value {
  const number = signal.fromText(literal)
  const isNamed = number <= 31 || number === 34 || number === 64
  if (!isNamed || /[+-]/.test(literal)) throw new ValueError(`${quote(literal)} is not a signal name or number`)
  return /^\d+$/.test(strip(literal)) ? number : strip(literal).toUpperCase()
}

const FIRST_PLACEHOLDER = 0xf0000

/**
 * A table of variables, if each expansion is inside a value; else the text unchanged, which kahi reads by supervisord's
 * rules after expansion. Expansions are replaced by private characters while the words are split.
 */
function convertEnvironment(raw: string): Value {
  const hidden: string[] = []
  const masked = raw.replaceAll(/%%|%\([^)]*\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]|%/g, (match) => {
    if (match === '%%') return '%'
    hidden.push(match)
    return String.fromCodePoint(FIRST_PLACEHOLDER + hidden.length - 1)
  })
  if (hidden.includes('%')) throw new ValueError('a "%" begins no expansion; write "%%" for a literal one')
  const result = readEnvironment(masked, (character) => /[\ud800-\udfff]/.test(character))
  const stands = new RegExp(`[\\u{${FIRST_PLACEHOLDER.toString(16)}}-\\u{ffffd}]`, 'gu')
  if ('error' in result) {
    if (hidden.length === 0) throw new ValueError(result.error)
    return escapeDollars(raw)
  }
  if (Object.keys(result.variables).some((key) => stands.test(key))) return escapeDollars(raw)
  const show = (value: string): string =>
    escapeDollars(value.replaceAll('%', '%%')).replaceAll(
      stands,
      (stand) => hidden[(stand.codePointAt(0) ?? 0) - FIRST_PLACEHOLDER] ?? '',
    )
  return Object.fromEntries(Object.entries(result.variables).map(([key, value]) => [key, show(value)]))
}
