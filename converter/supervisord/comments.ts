// Comments for the TOML: parts that are not converted become comments, and repeated empty lines are reduced to one.

import type { Place } from '../../config/model/diagnostic.ts'
import type { Comment } from '../../config/keys/document.ts'
import type { IniEntry, IniSection } from './read-ini.ts'

/** Removes repeated empty lines and, on request, those at the beginning and at the end. */
export function tidy(comments: readonly Comment[], { top = false, end = false } = {}): Comment[] {
  const kept = comments.filter(({ text }, index) => text !== null || (index > 0 && comments[index - 1]?.text !== null))
  const all = !top && comments[0]?.text === null ? [comments[0], ...kept] : kept
  return end && all.at(-1)?.text === null ? all.slice(0, -1) : all
}

/** Two comment blocks with an empty line between them. */
export function apart(above: readonly Comment[], below: readonly Comment[]): Comment[] {
  const [first] = below
  if (first === undefined || above.length === 0) return [...above, ...below]
  return [...above, { text: null, place: first.place }, ...below]
}

/** All comments of an entry, including the one at the end of its line. */
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

/** A comment that kahi adds. */
export function say(text: string, place: Place): Comment {
  return { text, place }
}

function behind(remark: string | undefined): string {
  return remark === undefined ? '' : `  ; ${remark}`
}
