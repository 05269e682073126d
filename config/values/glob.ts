// File name patterns with `*`, `?` and `[…]`, matched segment by segment. `**` means the same as `*`. Names that begin
// with a dot match only a pattern that begins with a dot. Source: CPython 3.11, glob.glob and fnmatch, as supervisor
// 4.2.5 uses them.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { compareText } from '../model/compare.ts'
import { ANY, fits, literal, type Step } from './wildcard.ts'

/** Existing paths that match, sorted by code points. A pattern without wildcards gives itself, if it exists. */
export function glob(pattern: string): string[] {
  const [first = '', ...rest] = pattern.split('/')
  return expandSegments(first === '' ? '/' : '', first === '' ? rest : [first, ...rest]).sort(compareText)
}

function expandSegments(base: string, segments: readonly string[]): string[] {
  const [segment, ...rest] = segments
  if (segment === undefined) return existsSync(base) ? [base] : []
  if (!/[*?[]/.test(segment)) return expandSegments(base === '' ? segment : join(base, segment), rest)
  const steps = stepsOf(segment)
  return listDirectory(base === '' ? '.' : base)
    .filter((name) => fits(steps, name) && (!name.startsWith('.') || segment.startsWith('.')))
    .flatMap((name) => expandSegments(base === '' ? name : join(base, name), rest))
}

function listDirectory(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

function stepsOf(segment: string): readonly Step[] {
  const characters = Array.from(segment)
  const steps: Step[] = []
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index] ?? ''
    const close = character === '[' ? characters.indexOf(']', index + (characters[index + 1] === '!' ? 3 : 2)) : -1
    if (close > 0) {
      steps.push(oneOf(characters.slice(index + 1, close).join('')))
      index = close
    } else if (character === '*') steps.push(ANY)
    else steps.push(...(character === '?' ? [() => true] : literal(character)))
  }
  return steps
}

/**
 * The content of `[…]`: characters and ranges, or after `!` all others. A range in descending order matches nothing.
 */
function oneOf(body: string): Step {
  const isNegated = body.startsWith('!')
  const characters = Array.from(isNegated ? body.slice(1) : body)
  const ranges: (readonly [string, string])[] = []
  for (let index = 0; index < characters.length; index += 1) {
    const first = characters[index] ?? ''
    const isRange = characters[index + 1] === '-' && index + 2 < characters.length
    ranges.push([first, isRange ? (characters[index + 2] ?? '') : first])
    if (isRange) index += 2
  }
  return (character) =>
    ranges.some(([first, last]) => compareText(first, character) <= 0 && compareText(character, last) <= 0) !==
    isNegated
}
