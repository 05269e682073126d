// Lists of names with `*`, and the addresses and headers of other servers.

import { SUBJECT_NAMES } from '../model/event-subjects.ts'
import { nearest } from './nearest.ts'
import { ANY, fits, literal, type Step } from './wildcard.ts'
import { names, quote, strip, ValueError, type ValueType } from './values.ts'

const LONGEST = 1024
const MOST = 1000

/** A pattern as steps: `*` is any number of characters, all others are themselves. */
export function stepsOf(pattern: string): readonly Step[] {
  return pattern.split('*').flatMap((part, index) => (index === 0 ? literal(part) : [ANY, ...literal(part)]))
}

/** Says whether one of the patterns fits one of the texts. */
export function matcherOf(patterns: readonly string[]): (texts: readonly string[]) => boolean {
  const all = patterns.map(stepsOf)
  return (texts) => all.some((steps) => texts.some((text) => fits(steps, text)))
}

/** Names; `*` in a name is any number of characters. */
export const patterns: ValueType<readonly string[]> = list('list of names, where * is any text', (value) => value)

/** Names of events; `process-state` includes `process-state.fatal`. */
export const subjectPatterns: ValueType<readonly string[]> = list('list of events, where * is any text', (value) => {
  const steps = stepsOf(value)
  if (SUBJECT_NAMES.some((name) => fits(steps, name))) return value
  const close = nearest(value, SUBJECT_NAMES)
  const hint = close === undefined ? '' : `; did you mean ${quote(close)}?`
  throw new ValueError(`there is no event ${quote(value)}${hint}`)
})

function list(name: string, check: (value: string) => string): ValueType<readonly string[]> {
  const checkAll = (given: readonly string[]): readonly string[] => {
    if (given.length === 0) throw new ValueError('the list is empty')
    if (given.length > MOST) throw new ValueError(`the list has more than ${MOST} names`)
    return given.map((one) => {
      const word = strip(one)
      if (word === '' || word.length > LONGEST) throw new ValueError(`a name is empty or longer than ${LONGEST}`)
      return check(word)
    })
  }
  return {
    name,
    fromText: (value) => checkAll(names.fromText(value)),
    fromToml(value) {
      const given = names.fromToml?.(value)
      return given === undefined ? undefined : checkAll(given)
    },
  }
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/

/** Headers of requests: a table of names and texts. Values are never part of a message. */
export const headers: ValueType<Readonly<Record<string, string>>> = {
  name: 'table of headers',
  isQuiet: true,
  fromText() {
    throw new ValueError('it is text, not a table')
  },
  fromToml(value) {
    if (typeof value !== 'object' || Array.isArray(value)) return undefined
    return Object.fromEntries(
      Object.entries(value).map(([name, one]): [string, string] => {
        if (!HEADER_NAME.test(name)) throw new ValueError('a name is no header name')
        const text = typeof one === 'object' ? undefined : String(one)
        if (text === undefined || !/^[\t\x20-\x7e]*$/.test(text))
          throw new ValueError(`the value of ${name} is not a text of ASCII characters in one line`)
        return [name, text]
      }),
    )
  },
}

/** Labels: a table of names and texts. */
export const labels: ValueType<Readonly<Record<string, string>>> = {
  name: 'table of labels',
  fromText() {
    throw new ValueError('it is text, not a table')
  },
  fromToml(value) {
    if (typeof value !== 'object' || Array.isArray(value)) return undefined
    return Object.fromEntries(
      Object.entries(value).map(([name, one]): [string, string] => {
        if (!/^[A-Za-z_][\w.-]{0,127}$/.test(name)) throw new ValueError(`${quote(name)} is no name of a label`)
        if (typeof one === 'object') throw new ValueError(`${name} must be a text, a number, true or false`)
        return [name, String(one)]
      }),
    )
  },
}

/**
 * An address of another server. Messages do not quote it: its path or its user may be a secret. `schemes` are those
 * with a host; `unix` ones have a path.
 */
export function address(schemes: readonly string[], unix: readonly string[]): ValueType<string> {
  const all = [...schemes.map((scheme) => `${scheme}://HOST`), ...unix.map((scheme) => `${scheme}:///PATH`)]
  return {
    name: `address: ${all.join(', ')}`,
    isQuiet: true,
    fromText(value) {
      const text = strip(value)
      const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^\s\0]+)$/.exec(text) ?? []
      if (unix.includes(scheme) && /^\/[^\0]*[^/\0]$/.test(rest)) return text
      if (schemes.includes(scheme) && URL.canParse(text) && new URL(text).hostname !== '') return text
      throw new ValueError(`it is not one of ${all.join(', ')}`)
    },
  }
}

/** An address as it may be shown: without the path, the query and the user, which may be secrets. */
export function shownAddress(value: string): string {
  if (!URL.canParse(value)) return '(hidden)'
  const { protocol, host, pathname } = new URL(value)
  return host === ''
    ? `${protocol}//${pathname}`
    : `${protocol}//${host}${pathname === '/' || pathname === '' ? '' : '/(hidden)'}`
}
