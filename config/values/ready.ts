// The value of `ready`: the readiness check of a program, and its time limits.

import type { Ready } from '../model/checks.ts'
import { checkFrom, checkToToml, givenFrom, KINDS, secondsFrom } from './checks.ts'
import { ValueError, type ValueType } from './values.ts'

const DEFAULTS = { interval: 1, timeout: 5, deadline: 0 } as const

/** A table such as `{ tcp = "127.0.0.1:6379", deadline = 30 }`. */
export const ready: ValueType<Ready> = {
  name: 'readiness',
  fromText() {
    throw new ValueError('it is text, not a table')
  },
  fromToml(value) {
    if (typeof value !== 'object' || Array.isArray(value)) return undefined
    const given = givenFrom(value, KINDS, Object.keys(DEFAULTS))
    return {
      check: checkFrom(given, KINDS),
      interval: secondsFrom('interval', given.interval, DEFAULTS.interval, 0.01),
      timeout: secondsFrom('timeout', given.timeout, DEFAULTS.timeout, 0.01),
      deadline: secondsFrom('deadline', given.deadline, DEFAULTS.deadline, 0),
    }
  },
  toToml({ check, interval, timeout, deadline }) {
    const times = Object.entries({ interval, timeout, deadline }).filter(
      ([name, value]) => DEFAULTS[name as keyof typeof DEFAULTS] !== value,
    )
    return { ...checkToToml(check), ...Object.fromEntries(times) }
  },
}
