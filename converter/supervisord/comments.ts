// Comments on their way into the TOML: what is not converted becomes one, and empty lines are kept apart
// from doubled ones.

import type { Place } from '../../config/diagnostic.ts'
import type { Comment } from '../../config/document.ts'
import type { IniEntry, IniSection } from './read-ini.ts'

/** Without doubled empty lines, and without those at the top and, if asked for, at the end. */
export function tidy(comments: readonly Comment[], { top = false, end = false } = {}): Comment[] {
  const kept = comments.filter(({ text }, index) => text !== null || (index > 0 && comments[index - 1]?.text !== null))
  const all = !top && comments[0]?.text === null ? [comments[0], ...kept] : kept
  return end && all.at(-1)?.text === null ? all.slice(0, -1) : all
}

/** Two pieces of comment with an empty line between them. */
export function apart(above: readonly Comment[], below: readonly Comment[]): Comment[] {
  const [first] = below
  if (first === undefined || above.length === 0) return [...above, ...below]
  return [...above, { text: null, place: first.place }, ...below]
}

/** Everything that was said about an entry, also behind it. */
export function commentsOf({ comments, remark, place }: IniEntry | IniSection): Comment[] {
  return remark === undefined ? [...comments] : [...comments, { text: remark, place }]
}

/** An entry as comment lines. */
export function entryAsComment({ key, value, place, remark }: IniEntry, prefix = ''): Comment[] {
  const [first = '', ...more] = value.split('\n')
  const lines = [`${prefix}${key} = ${first}${behind(remark)}`, ...more.map((line) => `  ${line}`)]
  return lines.map((text) => ({ text, place }))
}

/** The name of a section as a comment line. */
export function headerAsComment({ name, place, remark }: IniSection): Comment {
  return { text: `[${name}]${behind(remark)}`, place }
}

/** A comment of our own. */
export function say(text: string, place: Place): Comment {
  return { text, place }
}

function behind(remark: string | undefined): string {
  return remark === undefined ? '' : `  ; ${remark}`
}
