// The value of `on_dependency_lost`: what happens to a program when what it needs goes down.

import type { LossPolicy } from '../model/ends.ts'
import { secondsFrom } from './checks.ts'
import { nearest } from './nearest.ts'
import { quote, ValueError, type ValueType } from './values.ts'

const ACTIONS = ['none', 'stop', 'restart'] as const
const DEFAULT_DELAY = 5
const KEYS = ['action', 'delay']

/** "none", "stop", "restart", or a table such as `{ action = "restart", delay = 10 }`. */
export const dependencyLost: ValueType<LossPolicy> = {
  name: `one of ${ACTIONS.join(', ')}, or table of action and delay`,
  fromText: (text) => ({ action: actionFrom(text), delay: DEFAULT_DELAY }),
  fromToml(value) {
    if (typeof value !== 'object' || Array.isArray(value)) return undefined
    const given = Object.fromEntries(Object.entries(value))
    const unknown = Object.keys(given).find((name) => !KEYS.includes(name))
    if (unknown !== undefined) throw new ValueError(`there is no ${quote(unknown)}, only ${KEYS.join(', ')}`)
    return {
      action: actionFrom(given.action),
      delay: secondsFrom('delay', given.delay, DEFAULT_DELAY, 0),
    }
  },
  toToml: ({ action, delay }) => (delay === DEFAULT_DELAY ? action : { action, delay }),
}

function actionFrom(value: unknown): LossPolicy['action'] {
  const action = ACTIONS.find((word) => word === value)
  if (action !== undefined) return action
  const text = typeof value === 'string' ? value : ''
  const close = nearest(text, ACTIONS)
  throw new ValueError(`${quote(text)} is none of them${close === undefined ? '' : `; did you mean ${quote(close)}?`}`)
}
