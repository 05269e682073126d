// The value of `ready`: the readiness check of a program, and its time limits.

import type { Ready, ReadyCheck } from '../model/dependencies.ts'
import type { Value } from '../model/value.ts'
import { linePattern } from './line-pattern.ts'
import { nearest } from './nearest.ts'
import { command, quote, readInteger, ValueError, type ValueType } from './values.ts'

type Reader = (value: Value) => ReadyCheck

const READERS: Readonly<Record<ReadyCheck['kind'], Reader>> = {
  fd: (value) => ({ kind: 'fd', fd: numberFrom('fd', value, 1, 1023) }),
  notify: (value) => {
    if (value !== true) throw new ValueError('notify can only be true')
    return { kind: 'notify' }
  },
  tcp: (value) => ({ kind: 'tcp', ...addressFrom(textFrom('tcp', value)) }),
  unix: (value) => ({ kind: 'unix', path: textFrom('unix', value) }),
  http: (value) => ({ kind: 'http', url: urlFrom(textFrom('http', value)) }),
  exec: (value) => ({ kind: 'exec', command: commandFrom(value) }),
  file: (value) => ({ kind: 'file', path: textFrom('file', value) }),
  log: (value) => ({ kind: 'log', pattern: linePattern(textFrom('log', value)) }),
}

const KINDS = Object.keys(READERS) as ReadyCheck['kind'][]
const TIMES = ['interval', 'timeout', 'deadline']

/** A table such as `{ tcp = "127.0.0.1:6379", deadline = 30 }`. */
export const ready: ValueType<Ready> = {
  name: 'readiness',
  fromText() {
    throw new ValueError('it is text, not a table')
  },
  fromToml(value) {
    if (typeof value !== 'object' || Array.isArray(value)) return undefined
    const given = Object.fromEntries(Object.entries(value)) as Readonly<Record<string, Value | undefined>>
    checkNames(Object.keys(given))
    const kinds = KINDS.filter((kind) => given[kind] !== undefined)
    const [kind] = kinds
    if (kind === undefined || kinds.length > 1) throw new ValueError(`it must have exactly one of ${KINDS.join(', ')}`)
    return {
      check: READERS[kind](given[kind] ?? ''),
      interval: secondsFrom('interval', given.interval, DEFAULTS.interval, 0.01),
      timeout: secondsFrom('timeout', given.timeout, DEFAULTS.timeout, 0.01),
      deadline: secondsFrom('deadline', given.deadline, DEFAULTS.deadline, 0),
    }
  },
  toToml({ check, interval, timeout, deadline }) {
    const times = Object.entries({ interval, timeout, deadline }).filter(
      ([name, value]) => DEFAULTS[name as keyof typeof DEFAULTS] !== value,
    )
    return { [check.kind]: valueOf(check), ...Object.fromEntries(times) }
  },
}

const DEFAULTS = { interval: 1, timeout: 5, deadline: 0 } as const

function valueOf(check: ReadyCheck): Value {
  switch (check.kind) {
    case 'fd':
      return check.fd
    case 'notify':
      return true
    case 'tcp':
      return check.host.includes(':') ? `[${check.host}]:${check.port}` : `${check.host}:${check.port}`
    case 'unix':
    case 'file':
      return check.path
    case 'http':
      return check.url
    case 'exec':
      return check.command
    case 'log':
      return check.pattern
  }
}

function checkNames(given: readonly string[]): void {
  const known = [...KINDS, ...TIMES]
  const unknown = given.find((name) => !known.includes(name))
  if (unknown === undefined) return
  const close = nearest(unknown, known)
  throw new ValueError(
    `there is no ${quote(unknown)}${close === undefined ? `, only ${known.join(', ')}` : `; did you mean ${quote(close)}?`}`,
  )
}

function textFrom(name: string, value: Value): string {
  if (typeof value === 'string' && value !== '') return value
  throw new ValueError(`${name} is not text`)
}

function numberFrom(name: string, value: Value, least: number, most: number): number {
  const number = typeof value === 'string' ? readInteger(value) : value
  if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most) return number
  throw new ValueError(`${name} is not a whole number from ${least} to ${most}`)
}

function secondsFrom(name: string, value: Value | undefined, fallback: number, least: number): number {
  if (value === undefined) return fallback
  const number = typeof value === 'string' && /^\s*\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && number >= least && Number.isFinite(number)) return number
  throw new ValueError(`${name} is not a number of seconds${least > 0 ? ` from ${least} on` : ''}`)
}

/** `HOST:PORT`, `[::1]:PORT`, or only the port, which means this machine. */
function addressFrom(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:(?:\[([^\]]+)\]|([^:]*)):)?(\d+)$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port < 1 || port > 65_535) throw new ValueError(`${quote(text)} is not HOST:PORT`)
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port }
}

function urlFrom(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return text
  throw new ValueError(`${quote(text)} is not an http URL`)
}

function commandFrom(value: Value): string | readonly string[] {
  const words = typeof value === 'string' && value !== '' ? value : command.fromToml?.(value)
  if (words === undefined) throw new ValueError('exec is neither a command line nor a list of words')
  return words
}
