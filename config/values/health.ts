// The values of `health` and `on_unhealthy`: the health check of a program, and what follows when it fails.

import type { Health, UnhealthyPolicy } from '../model/checks.ts'
import { checkFrom, checkToToml, givenFrom, KINDS, numberFrom, secondsFrom } from './checks.ts'
import { nearest } from './nearest.ts'
import { readSignal, signalName, unknownSignal } from './signal.ts'
import { quote, ValueError, type ValueType } from './values.ts'

/** A newline on a descriptor comes once, so it says nothing about health. */
const HEALTH_KINDS = KINDS.filter((kind) => kind !== 'fd')
const DEFAULTS = { interval: 10, timeout: 5, jitter: 0, start_period: 0, failures: 3, successes: 1 } as const
/** The kinds that wait for a sign of life: the interval is the limit, so one failure is enough. */
const SIGNS: readonly string[] = ['notify', 'log']
const MOST = 1_000_000

/** A table such as `{ http = "http://127.0.0.1/up", interval = 10, failures = 3 }`. */
export const health: ValueType<Health> = {
  name: 'health check',
  fromText() {
    throw new ValueError('it is text, not a table')
  },
  fromToml(value) {
    if (typeof value !== 'object' || Array.isArray(value)) return undefined
    const given = givenFrom(value, HEALTH_KINDS, Object.keys(DEFAULTS))
    const check = checkFrom(given, HEALTH_KINDS)
    if (check.kind === 'fd') throw new ValueError('fd is only for ready')
    const { failures = failuresOf(check), successes = DEFAULTS.successes } = given
    return {
      check,
      interval: secondsFrom('interval', given.interval, DEFAULTS.interval, 0.01),
      timeout: secondsFrom('timeout', given.timeout, DEFAULTS.timeout, 0.01),
      jitter: secondsFrom('jitter', given.jitter, DEFAULTS.jitter, 0),
      start_period: secondsFrom('start_period', given.start_period, DEFAULTS.start_period, 0),
      failures: numberFrom('failures', failures, 1, MOST),
      successes: numberFrom('successes', successes, 1, MOST),
    }
  },
  toToml({ check, ...others }) {
    const standard = { ...DEFAULTS, failures: failuresOf(check) }
    const written = Object.entries(others).filter(([name, value]) => standard[name as keyof typeof standard] !== value)
    return { ...checkToToml(check), ...Object.fromEntries(written) }
  },
}

function failuresOf({ kind }: Health['check']): number {
  return SIGNS.includes(kind) ? 1 : DEFAULTS.failures
}

const WORDS = ['none', 'restart', 'stop', 'shutdown'] as const

/** "none", "restart", "stop", "shutdown" or "signal:NAME". */
export const unhealthyPolicy: ValueType<UnhealthyPolicy> = {
  name: `one of ${WORDS.join(', ')}, signal:NAME`,
  fromText(value) {
    const kind = WORDS.find((word) => word === value)
    if (kind !== undefined) return { kind }
    const [, name] = /^signal:(.*)$/s.exec(value) ?? []
    const signal = name === undefined ? undefined : readSignal(name)
    if (signal !== undefined) return { kind: 'signal', signal }
    if (name !== undefined) throw new ValueError(unknownSignal(name))
    const close = nearest(value, WORDS)
    throw new ValueError(
      `${quote(value)} is none of them${close === undefined ? '' : `; did you mean ${quote(close)}?`}`,
    )
  },
  toToml: (policy) =>
    policy.kind === 'signal' ? `signal:${signalName(policy.signal).replace(/^SIG/, '')}` : policy.kind,
}
