// Writes words in the two languages of scripts: sh and execline. Variables stay variables.

import { hasVariables, piecesOf, type Variable, writeText } from '../plan/variables.ts'

const PLAIN = /^[\w@%+=:,./-]+$/

/** A word of sh, in quotes where it needs them. */
export function shWord(text: string): string {
  if (!hasVariables(text)) return PLAIN.test(text) ? text : shQuoted(text)
  const inside = writeText(text, shVariable, (literal) => literal.replaceAll(/["$`\\]/g, String.raw`\$&`))
  return `"${inside}"`
}

/** In the kind of quotes in which less must be escaped. */
function shQuoted(text: string): string {
  return text.includes("'") && !/["$`\\]/.test(text) ? `"${text}"` : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

function shVariable({ variable, fallback }: Variable): string {
  if (fallback === undefined) return `\${${variable}}`
  return `\${${variable}:-${fallback.replaceAll(/["$`\\}]/g, String.raw`\$&`)}}`
}

/** A command line of sh. */
export function shLine(words: readonly string[]): string {
  return words.map(shWord).join(' ')
}

/** Names that importas replaces in the words of a script. */
export type Imported = ReadonlySet<string>

const NONE: Imported = new Set()

/**
 * A word of execline, in quotes where it needs them. A variable is `${X}`, which importas replaces; a text that only looks like an
 * imported one is escaped. Backslashes before either are doubled. Source: execline 2.9, el_substitute.
 */
export function execlineWord(text: string, imported: Imported = NONE): string {
  const pieces = piecesOf(text)
  const shown = pieces
    .map((piece, index) =>
      typeof piece === 'string'
        ? escapeLiteral(piece, imported, typeof pieces[index + 1] === 'object')
        : `\${${piece.variable}}`,
    )
    .join('')
  if (/^[\w@%+=:,./-]+$/.test(shown) && shown !== '') return shown
  return `"${shown.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}

function escapeLiteral(literal: string, imported: Imported, isBeforeVariable: boolean): string {
  const escaped = literal.replaceAll(/(\\*)\$\{(\w+)\}/g, (all, slashes: string, name: string) =>
    imported.has(name) ? `${slashes}${slashes}\\\${${name}}` : String(all),
  )
  return isBeforeVariable ? escaped.replace(/\\+$/, '$&$&') : escaped
}

/** A command line of execline. */
export function execlineLine(words: readonly string[], imported: Imported = NONE): string {
  return words.map((word) => execlineWord(word, imported)).join(' ')
}

/** Imports variables at once, so that the value of one that looks like another one stays as it is. */
export function importLines(variables: readonly Variable[]): readonly string[] {
  const lines = variables.map(importLine)
  return lines.length > 1 ? ['multisubstitute {', ...lines.map((line) => `  ${line}`), '}'] : lines
}

/** `importas` for one variable: unset or empty becomes the default, or nothing. */
function importLine({ variable, fallback }: Variable): string {
  return `importas -D ${execlineWord(fallback ?? '')} ${variable} ${variable}`
}

/** Lines of comments in either language. */
export function commentLines(comments: readonly string[]): readonly string[] {
  return comments.map((line) => `# ${line}`)
}
