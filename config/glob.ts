// File name patterns with `*`, `?` and `[…]`, matched segment by segment. `**` is `*`, names that begin with a
// dot must be asked for with a dot. Source: CPython 3.11, glob.glob and fnmatch, as supervisor 4.2.5 uses them.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { compareText } from './compare.ts'

/** Existing paths that match, sorted by code points. A pattern without wildcards gives itself if it exists. */
export function glob(pattern: string): string[] {
  const [first = '', ...rest] = pattern.split('/')
  return expandSegments(first === '' ? '/' : '', first === '' ? rest : [first, ...rest]).sort(compareText)
}

function expandSegments(base: string, segments: readonly string[]): string[] {
  const [segment, ...rest] = segments
  if (segment === undefined) return existsSync(base) ? [base] : []
  if (!/[*?[]/.test(segment)) return expandSegments(base === '' ? segment : join(base, segment), rest)
  const matcher = toRegExp(segment)
  return listDirectory(base === '' ? '.' : base)
    .filter((name) => matcher.test(name) && (!name.startsWith('.') || segment.startsWith('.')))
    .flatMap((name) => expandSegments(base === '' ? name : join(base, name), rest))
}

function listDirectory(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

function toRegExp(segment: string): RegExp {
  let source = ''
  for (let index = 0; index < segment.length; index += 1) {
    const character = segment.charAt(index)
    const close =
      character === '[' ? segment.indexOf(']', segment.charAt(index + 1) === '!' ? index + 3 : index + 2) : -1
    if (close > 0) {
      const body = segment
        .slice(index + 1, close)
        .replaceAll('\\', '\\\\')
        .replace(/^!/, '^')
        .replaceAll('[', '\\[')
      source += `[${body}]`
      index = close
    } else if (character === '*') source += '.*'
    else source += character === '?' ? '.' : character.replace(/[\\^$.|+(){}[\]]/, '\\$&')
  }
  return new RegExp(`^${source}$`, 's')
}
