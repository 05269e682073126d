// File name patterns with `*`, `?` and `[…]`, matched segment by segment. `**` means the same as `*`. Names that begin
// with a dot match only a pattern that begins with a dot. Source: CPython 3.11, glob.glob and fnmatch, as supervisor
// 4.2.5 uses them.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { append } from '../model/append.ts'
import { compareText } from '../model/compare.ts'
import { namesInDirectory } from './names-in.ts'
import { ValueError } from './values.ts'
import { ANY, fits, literal, type Step } from './wildcard.ts'

/** Links to directories above, as /proc has them, would make a pattern of many parts read directories without end. */
const MOST_DIRECTORIES = 10_000
const MOST_NAMES = 100_000
const MOST_READ = 1_000_000

/**
 * Existing paths that match, sorted by code points. A pattern without wildcards gives itself, if it exists. Throws ValueError
 * when too many directories, or more than `mostRead` names, would have to be read.
 */
export function glob(pattern: string, mostRead = MOST_READ): string[] {
  const [first = '', ...rest] = pattern.split('/')
  const list = lister(pattern, mostRead)
  let found = [first === '' ? '/' : '']
  for (const segment of first === '' ? rest : [first, ...rest]) {
    if (/[*?[]/.test(segment)) {
      found = matching(found, segment, list)
      if (found.length > MOST_NAMES) throw new ValueError(`"${pattern}" fits more than ${MOST_NAMES} names`)
    } else found = found.map((base) => (base === '' ? segment : join(base, segment)))
  }
  return found.filter((path) => existsSync(path)).sort(compareText)
}

type List = (directory: string) => readonly string[]

/** Gives the names in directories, until there are too many for one pattern. */
function lister(pattern: string, mostRead: number): List {
  let directoriesLeft = MOST_DIRECTORIES
  let namesLeft = mostRead
  return (directory) => {
    directoriesLeft -= 1
    const names = directoriesLeft < 0 ? [] : namesInDirectory(directory, namesLeft + 1)
    namesLeft -= names.length
    if (directoriesLeft < 0)
      throw new ValueError(`"${pattern}" would have to look into more than ${MOST_DIRECTORIES} directories`)
    if (namesLeft < 0) throw new ValueError(`"${pattern}" would have to read more than ${mostRead} names`)
    return names
  }
}

/** Whether a name fits one part of a pattern; names with a dot at the beginning are names like all others. */
export function fitsName(segment: string, name: string): boolean {
  return fits(stepsOf(segment), name)
}

/** The names in these directories that fit the part of a pattern; soon no more when there are too many. */
function matching(directories: readonly string[], segment: string, list: List): string[] {
  const steps = stepsOf(segment)
  const found: string[] = []
  for (const base of directories) {
    for (const name of list(base === '' ? '.' : base)) {
      if (fits(steps, name) && (!name.startsWith('.') || segment.startsWith('.')))
        found.push(base === '' ? name : join(base, name))
    }
    if (found.length > MOST_NAMES) break
  }
  return found
}

function stepsOf(segment: string): readonly Step[] {
  const characters = Array.from(segment)
  const lastClose = characters.lastIndexOf(']')
  const steps: Step[] = []
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index] ?? ''
    const from = index + (characters[index + 1] === '!' ? 3 : 2)
    const close = character === '[' && from <= lastClose ? characters.indexOf(']', from) : -1
    if (close > 0) {
      steps.push(oneOf(characters.slice(index + 1, close).join('')))
      index = close
    } else if (character === '*') steps.push(ANY)
    else append(steps, character === '?' ? [() => true] : literal(character))
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
