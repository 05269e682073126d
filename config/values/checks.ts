// The checks that `ready` and `health` share: how each kind is read from a table, and written into one.

import type { Check, HttpRules, StatusRange } from '../model/checks.ts'
import type { Value } from '../model/value.ts'
import { linePattern } from './line-pattern.ts'
import { secondsOf } from './duration.ts'
import { nearest } from './nearest.ts'
import { command, environment, quote, readInteger, ValueError } from './values.ts'

/** The values of a table as they were written. */
export type Given = Readonly<Record<string, Value | undefined>>

/** A kind of check. */
export type Kind = Check['kind']

interface Reader {
  read(value: Value, given: Given): Check
  /** Further keys of the table that belong to this kind. */
  readonly more?: readonly string[]
}

const READERS: Readonly<Record<Kind, Reader>> = {
  fd: { read: (value) => ({ kind: 'fd', fd: numberFrom('fd', value, 1, 1023) }) },
  notify: {
    read(value) {
      if (value !== true) throw new ValueError('notify can only be true')
      return { kind: 'notify' }
    },
  },
  tcp: {
    read: (value) => ({
      kind: 'tcp',
      ...addressFrom(textFrom('tcp', typeof value === 'number' ? String(value) : value)),
    }),
  },
  unix: { read: (value) => ({ kind: 'unix', path: textFrom('unix', value) }) },
  http: {
    more: ['method', 'headers', 'status', 'body'],
    read(value, given) {
      const rules = rulesFrom(given)
      const check = { kind: 'http', url: urlFrom(textFrom('http', value)) } as const
      return Object.keys(rules).length === 0 ? check : { ...check, rules }
    },
  },
  exec: { read: (value) => ({ kind: 'exec', command: commandFrom(value) }) },
  file: {
    more: ['max_age'],
    read(value, { max_age: age }) {
      const check = { kind: 'file', path: textFrom('file', value) } as const
      return age === undefined ? check : { ...check, maxAge: secondsFrom('max_age', age, 0, 0.01) }
    },
  },
  log: { read: (value) => ({ kind: 'log', pattern: linePattern(textFrom('log', value)) }) },
}

/** All kinds, in the order in which messages name them. */
export const KINDS = Object.keys(READERS) as readonly Kind[]

/** Names that other tools use for a kind. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['port', 'tcp'],
  ['host', 'tcp'],
  ['url', 'http'],
  ['command', 'exec'],
  ['path', 'file'],
])

/** The table as a record. Throws a ValueError for a key that is neither one of the kinds nor one of `others`. */
export function givenFrom(value: object, kinds: readonly Kind[], others: readonly string[]): Given {
  const given = Object.fromEntries(Object.entries(value)) as Given
  const known: readonly string[] = [...kinds, ...kinds.flatMap((kind) => READERS[kind].more ?? []), ...others]
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown === undefined) return given
  const close = OTHER_NAMES.get(unknown) ?? nearest(unknown, known)
  throw new ValueError(
    `there is no ${quote(unknown)}${close === undefined ? `, only ${known.join(', ')}` : `; did you mean ${quote(close)}?`}`,
  )
}

/** The check of a table. Throws a ValueError unless it has exactly one of the kinds, and only keys of that kind. */
export function checkFrom(given: Given, kinds: readonly Kind[]): Check {
  const found = kinds.filter((kind) => given[kind] !== undefined)
  const [kind] = found
  if (kind === undefined || found.length > 1) throw new ValueError(`it must have exactly one of ${kinds.join(', ')}`)
  for (const other of kinds.filter((one) => one !== kind))
    for (const name of READERS[other].more ?? [])
      if (given[name] !== undefined) throw new ValueError(`${name} is only for ${other}`)
  return READERS[kind].read(given[kind] ?? '', given)
}

/** The keys of a table for this check. */
export function checkToToml(check: Check): Readonly<Record<string, Value>> {
  switch (check.kind) {
    case 'fd':
      return { fd: check.fd }
    case 'notify':
      return { notify: true }
    case 'tcp':
      return { tcp: check.host.includes(':') ? `[${check.host}]:${check.port}` : `${check.host}:${check.port}` }
    case 'unix':
      return { unix: check.path }
    case 'file':
      return { file: check.path, ...(check.maxAge === undefined ? {} : { max_age: check.maxAge }) }
    case 'http':
      return { http: check.url, ...rulesToToml(check.rules ?? {}) }
    case 'exec':
      return { exec: check.command }
    case 'log':
      return { log: check.pattern }
  }
}

/** A number of seconds, also as text. Throws a ValueError for less than `least`. */
export function secondsFrom(name: string, value: Value | undefined, fallback: number, least: number): number {
  if (value === undefined) return fallback
  const number = typeof value === 'string' ? (numberIn(value) ?? secondsOf(value)) : value
  if (typeof number === 'number' && number >= least && Number.isFinite(number)) return number
  throw new ValueError(
    `${name} must be a number of seconds${least > 0 ? `, at least ${least}` : ''}, or a duration such as "10s"`,
  )
}

function numberIn(text: string): number | undefined {
  return /^\s*\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : undefined
}

/** A whole number, also as text. */
export function numberFrom(name: string, value: Value, least: number, most: number): number {
  const number = typeof value === 'string' ? readInteger(value) : value
  if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most) return number
  throw new ValueError(`${name} is not a whole number from ${least} to ${most}`)
}

function rulesFrom({ method, headers, status, body }: Given): HttpRules {
  return {
    ...(method === undefined ? {} : { method: methodFrom(textFrom('method', method)) }),
    ...(headers === undefined ? {} : { headers: headersFrom(headers) }),
    ...(status === undefined ? {} : { status: statusFrom(status) }),
    ...(body === undefined ? {} : { body: linePattern(textFrom('body', body)) }),
  }
}

function rulesToToml({ method, headers, status, body }: HttpRules): Readonly<Record<string, Value>> {
  const ranges = status?.map(({ from, to }) => (from === to ? from : `${from}-${to}`))
  return {
    ...(method === undefined ? {} : { method }),
    ...(headers === undefined ? {} : { headers }),
    ...(ranges === undefined ? {} : { status: ranges }),
    ...(body === undefined ? {} : { body }),
  }
}

function methodFrom(text: string): string {
  if (/^[A-Za-z]{1,20}$/.test(text)) return text.toUpperCase()
  throw new ValueError(`${quote(text)} is not a method of HTTP`)
}

function headersFrom(value: Value): Readonly<Record<string, string>> {
  const headers = typeof value === 'string' ? undefined : environment.fromToml?.(value)
  if (headers === undefined) throw new ValueError('headers is not a table')
  for (const [name, text] of Object.entries(headers))
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(text))
      throw new ValueError(`${quote(name)} is not a header of HTTP`)
  return headers
}

/** `200`, `"200-299"`, or a list of these. */
function statusFrom(value: Value): readonly StatusRange[] {
  const list: readonly Value[] = Array.isArray(value) ? (value as readonly Value[]) : [value]
  return list.map((one) => {
    const [, from = '', to = from] = /^\s*([1-5]\d\d)(?:-([1-5]\d\d))?\s*$/.exec(String(one)) ?? []
    if (from === '' || Number(to) < Number(from))
      throw new ValueError(`status ${quote(String(one))} is neither a status such as 200 nor a range such as "200-299"`)
    return { from: Number(from), to: Number(to) }
  })
}

const EXAMPLES: Readonly<Record<string, string>> = {
  tcp: '127.0.0.1:5432',
  unix: '/run/app.sock',
  http: 'http://127.0.0.1:8080/health',
  file: '/run/app.ready',
  log: '^ready',
}

function textFrom(name: string, value: Value): string {
  if (typeof value === 'string' && value !== '') return value
  const example = EXAMPLES[name]
  throw new ValueError(`${name} must be text${example === undefined ? '' : ` such as ${quote(example)}`}`)
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
  throw new ValueError(`${quote(text)} is not an http URL such as "http://127.0.0.1:8080/health"`)
}

function commandFrom(value: Value): string | readonly string[] {
  const words = typeof value === 'string' && value !== '' ? value : command.fromToml?.(value)
  if (words === undefined) throw new ValueError('exec is neither a command line nor a list of words')
  return words
}
