// The value of `restart`: the delay of restarts after an end, and their number.

import type { Restart, RestartRules } from '../model/ends.ts'
import { nearest } from './nearest.ts'
import { quote, readInteger, strip, ValueError, type ValueType } from './values.ts'

const DEFAULTS: RestartRules = { delay: 1, factor: 2, max_delay: 60, limit: 10, window: 0, reset_after: 300 }

/** The minimum of each number. */
const LEAST: RestartRules = { delay: 0, factor: 1, max_delay: 0, limit: 0, window: 0, reset_after: 0 }

const NAMES = Object.keys(DEFAULTS) as (keyof RestartRules)[]

/** A table such as `{ delay = 1, factor = 2, limit = 10 }`, or "s6". */
export const restart: ValueType<Restart> = {
  name: 'table of restart rules',
  fromText(text) {
    if (strip(text) === 's6') return 's6'
    throw new ValueError('it is text, neither a table nor "s6"')
  },
  fromToml(value) {
    if (typeof value !== 'object' || Array.isArray(value)) return undefined
    const read = Object.entries(value).map(([name, item]) => [name, readRule(name, item)])
    return { ...DEFAULTS, ...(Object.fromEntries(read) as Partial<RestartRules>) }
  },
}

function readRule(name: string, value: unknown): number {
  const known = NAMES.find((candidate) => candidate === name)
  if (known === undefined) {
    const close = nearest(name, NAMES)
    const hint = close === undefined ? `, only ${NAMES.join(', ')}` : `; did you mean ${quote(close)}?`
    throw new ValueError(`there is no ${quote(name)}${hint}`)
  }
  const number = typeof value === 'string' ? readNumber(known, value) : value
  const isWhole = known !== 'limit' || Number.isInteger(number)
  if (typeof number === 'number' && Number.isFinite(number) && number >= LEAST[known] && isWhole) return number
  throw new ValueError(`${name} is not a ${known === 'limit' ? 'whole ' : ''}number from ${LEAST[known]} on`)
}

function readNumber(name: keyof RestartRules, text: string): number {
  if (name === 'limit') return readInteger(text)
  return /^\d+(?:\.\d+)?$/.test(strip(text)) ? Number(strip(text)) : Number.NaN
}
