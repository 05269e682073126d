// The value of `watch`: files, directories and patterns, and what their changes lead to.

import type { Watch, WatchAction } from '../model/watch.ts'
import type { Value } from '../model/value.ts'
import { secondsFrom } from './checks.ts'
import { nearest } from './nearest.ts'
import { readSignal, signalName } from './signal.ts'
import { command, names, quote, ValueError, type ValueType } from './values.ts'

const DEFAULTS = { debounce: 0.5, poll: 5, ignore_removed: false } as const
const RESTART: WatchAction = { kind: 'restart' }
const KEYS = ['paths', 'action', 'exec', ...Object.keys(DEFAULTS)]
const WORDS = ['restart', 'reload'] as const

/** A path, a list of paths, or a table such as `{ paths = ["/etc/web"], action = "signal:HUP" }`. */
export const watch: ValueType<Watch> = {
  name: 'files to watch',
  fromText: (text) => ({ paths: pathsFrom(text), action: RESTART, ...DEFAULTS }),
  fromToml(value) {
    if (Array.isArray(value)) return { paths: pathsFrom(value as readonly Value[]), action: RESTART, ...DEFAULTS }
    if (typeof value !== 'object') return undefined
    const given = Object.fromEntries(Object.entries(value)) as Readonly<Record<string, Value | undefined>>
    const unknown = Object.keys(given).find((name) => !KEYS.includes(name))
    if (unknown !== undefined) {
      const close = nearest(unknown, KEYS)
      const hint = close === undefined ? `, only ${KEYS.join(', ')}` : `; did you mean ${quote(close)}?`
      throw new ValueError(`there is no ${quote(unknown)}${hint}`)
    }
    return {
      paths: pathsFrom(given.paths),
      action: actionFrom(given.action, given.exec),
      debounce: secondsFrom('debounce', given.debounce, DEFAULTS.debounce, 0),
      poll: secondsFrom('poll', given.poll, DEFAULTS.poll, 0),
      ignore_removed: flagFrom('ignore_removed', given.ignore_removed),
    }
  },
  toToml({ paths, action, ...others }) {
    const written = Object.entries(others).filter(([name, value]) => DEFAULTS[name as keyof typeof DEFAULTS] !== value)
    if (action.kind === 'restart' && written.length === 0) return paths
    return { paths, ...actionToToml(action), ...Object.fromEntries(written) }
  },
}

function pathsFrom(value: Value | undefined): readonly string[] {
  const list = typeof value === 'string' ? [value] : value === undefined ? undefined : names.fromToml?.(value)
  if (list === undefined || list.length === 0 || list.includes('')) throw new ValueError('paths is not a list of paths')
  return list
}

function flagFrom(name: keyof typeof DEFAULTS, value: Value | undefined): boolean {
  if (value === undefined) return false
  if (typeof value === 'boolean') return value
  throw new ValueError(`${name} is neither true nor false`)
}

function actionFrom(action: Value | undefined, exec: Value | undefined): WatchAction {
  if (exec !== undefined) {
    if (action !== undefined) throw new ValueError('it can have either action or exec')
    const words = typeof exec === 'string' && exec !== '' ? exec : command.fromToml?.(exec)
    if (words === undefined) throw new ValueError('exec is neither a command line nor a list of words')
    return { kind: 'exec', command: words }
  }
  const kind = WORDS.find((word) => word === (action ?? 'restart'))
  if (kind !== undefined) return { kind }
  const [, name = ''] = /^signal:(.*)$/s.exec(String(action)) ?? []
  const signal = readSignal(name)
  if (signal !== undefined) return { kind: 'signal', signal }
  throw new ValueError(`action ${quote(String(action))} is not one of ${WORDS.join(', ')}, signal:NAME`)
}

function actionToToml(action: WatchAction): Readonly<Record<string, Value>> {
  if (action.kind === 'exec') return { exec: action.command }
  if (action.kind === 'signal') return { action: `signal:${signalName(action.signal).replace(/^SIG/, '')}` }
  return action.kind === 'restart' ? {} : { action: action.kind }
}
