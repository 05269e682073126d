// Finds the row of a request, or the reason why there is none.

import { ControlError } from '../operations/errors.ts'
import type { Row } from './row.ts'

/** A row, with the values of the braces in its path, percent-decoded. */
export interface Match {
  readonly method: string
  readonly row: Row
  readonly path: Readonly<Record<string, string>>
}

interface Pattern {
  readonly method: string
  /** The parts of its path. */
  readonly words: readonly string[]
  readonly row: Row
}

/** Finds rows by method and path. A row with a fixed word has priority over a row with braces at the same place. */
export function matcher(rows: Readonly<Record<string, Row>>): (method: string, pathname: string) => Match {
  const patterns = Object.entries(rows).map(([key, row]): Pattern => {
    const [method = '', path = ''] = key.split(' ')
    return { method, words: path.split('/'), row }
  })
  return (method, pathname) => match(patterns, method, pathname)
}

/** Throws NOT_FOUND or METHOD_NOT_ALLOWED. */
function match(patterns: readonly Pattern[], method: string, pathname: string): Match {
  const given = pathname.split('/')
  const allowed: string[] = []
  for (const { method: wanted, words, row } of patterns) {
    const path = matchPath(words, given)
    if (path !== undefined && wanted === method) return { method, row, path }
    if (path !== undefined && !allowed.includes(wanted)) allowed.push(wanted)
  }
  if (allowed.length === 0) throw new ControlError('NOT_FOUND', `no such path: ${pathname}`)
  throw new ControlError('METHOD_NOT_ALLOWED', `${method} is not allowed here`, `use ${allowed.join(' or ')}`)
}

function matchPath(words: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  if (words.length !== given.length) return undefined
  const found: Record<string, string> = {}
  for (const [index, word] of words.entries()) {
    const own = given[index] ?? ''
    if (word.startsWith('{')) found[word.slice(1, -1)] = decode(own)
    else if (word !== own) return undefined
  }
  return found
}

function decode(word: string): string {
  try {
    return decodeURIComponent(word)
  } catch {
    throw new ControlError('BAD_REQUEST', `bad percent-encoding in the path: ${word}`)
  }
}
