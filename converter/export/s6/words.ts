// Writes words in the two languages of scripts: sh and execline. Variables stay variables.

import { hasVariables, type Variable, writeText } from '../plan/variables.ts'

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

/** A word of execline, in quotes where it needs them. A variable is `${X}`, which importas replaces. */
export function execlineWord(text: string): string {
  const shown = writeText(text, ({ variable }) => `\${${variable}}`)
  if (/^[\w@%+=:,./-]+$/.test(shown) && shown !== '') return shown
  return `"${shown.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}

/** A command line of execline. */
export function execlineLine(words: readonly string[]): string {
  return words.map(execlineWord).join(' ')
}

/** `importas` for one variable: unset or empty becomes the default, or nothing. */
export function importLine({ variable, fallback }: Variable): string {
  return `importas -D ${execlineWord(fallback ?? '')} ${variable} ${variable}`
}

/** Lines of comments in either language. */
export function commentLines(comments: readonly string[]): readonly string[] {
  return comments.map((line) => `# ${line}`)
}
