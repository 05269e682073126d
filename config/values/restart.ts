// The value of `restart`: the delay of restarts after an end, and their number.

import type { Restart, RestartRules } from '../model/ends.ts'
import { secondsOf } from './duration.ts'
import { nearest } from './nearest.ts'
import { quote, readInteger, strip, ValueError, type ValueType } from './values.ts'

type Numbers = Omit<RestartRules, 'no_restart_codes'>

const NUMBERS: Numbers = { delay: 1, factor: 2, max_delay: 60, limit: 10, window: 0, reset_after: 300, jitter: 0 }
const CODES = 'no_restart_codes'
const DEFAULTS: RestartRules = { ...NUMBERS, [CODES]: [] }

/** The minimum of each number. */
const LEAST: Numbers = { delay: 0, factor: 1, max_delay: 0, limit: 0, window: 0, reset_after: 0, jitter: 0 }

/** Those that are not seconds. */
const COUNTS: readonly string[] = ['factor', 'limit']

const NAMES = Object.keys(NUMBERS) as (keyof Numbers)[]
const ALL = [...NAMES, CODES]

/** A table such as `{ delay = 1, factor = 2, limit = 10 }`, or "s6". */
export const restart: ValueType<Restart> = {
  name: 'table of restart rules',
  fromText(text) {
    if (strip(text) === 's6') return 's6'
    throw new ValueError('it is text, neither a table nor "s6"')
  },
  fromToml(value) {
    if (typeof value !== 'object' || Array.isArray(value)) return undefined
    const read = Object.entries(value).map(([name, item]) => [
      name,
      name === CODES ? readCodes(item) : readRule(name, item),
    ])
    return { ...DEFAULTS, ...(Object.fromEntries(read) as Partial<RestartRules>) }
  },
}

function readCodes(value: unknown): readonly number[] {
  const isCode = (code: unknown): code is number => Number.isInteger(code) && Number(code) >= 0 && Number(code) <= 255
  if (Array.isArray(value) && value.every(isCode)) return value
  throw new ValueError(`${CODES} is not a list of exit codes from 0 to 255`)
}

function durationOf(name: string, text: string): number | undefined {
  return COUNTS.includes(name) ? undefined : secondsOf(text)
}

function readRule(name: string, value: unknown): number {
  const known = NAMES.find((candidate) => candidate === name)
  if (known === undefined) {
    const close = nearest(name, ALL)
    const hint = close === undefined ? `, only ${ALL.join(', ')}` : `; did you mean ${quote(close)}?`
    throw new ValueError(`there is no ${quote(name)}${hint}`)
  }
  const number = typeof value === 'string' ? (durationOf(known, value) ?? readNumber(known, value)) : value
  const isWhole = known !== 'limit' || Number.isInteger(number)
  if (typeof number === 'number' && Number.isFinite(number) && number >= LEAST[known] && isWhole) return number
  throw new ValueError(`${name} is not a ${known === 'limit' ? 'whole ' : ''}number from ${LEAST[known]} on`)
}

function readNumber(name: keyof Numbers, text: string): number {
  if (name === 'limit') return readInteger(text)
  return /^\d+(?:\.\d+)?$/.test(strip(text)) ? Number(strip(text)) : Number.NaN
}
