// Quotes words for a POSIX shell: only where necessary, and so that values are never split.

import { isStatic, piecesOf, type Reference, type References } from './words.ts'

const BARE = /^(?:[\w@%+:,./-][\w@%+=:,./-]*|!?=)$/
/** Characters that need no quotes in the fallback of an expansion within double quotes. */
const PLAIN = /^[\w@%+=:,./ -]*$/
const RESERVED = /^(?:case|do|done|elif|else|esac|fi|for|function|if|in|select|then|time|until|while)$|=/

/** A word of a command line. The first word must not look like shell syntax. */
export function quoteWord(word: string, references: References, isCommand = false): string {
  if (word === references.get(word)?.name) return word
  const pieces = piecesOf(word)
  const [only] = pieces
  const alone = pieces.length === 1 && only !== undefined ? references.get(only) : undefined
  if (alone?.name === '@') return '"$@"'
  if (alone?.isSplit === true) return expansion(alone, false, references)
  if (isStatic(word)) return isCommand && RESERVED.test(word) ? `'${word}'` : quoteText(word)
  const gone = pieces.flatMap((piece) => references.get(piece) ?? []).filter(({ mayBeGone }) => mayBeGone)
  const names = [...new Set(gone.map(({ name }) => name))]
  return names.reduce((inner, name) => `\${${name}+${inner}}`, quoteDouble(pieces, references))
}

/** The value after `NAME=`; without a word it is empty. */
export function quoteValue(word: string, references: References): string {
  return isStatic(word) ? quoteText(word) : quoteDouble(piecesOf(word), references)
}

/** The value after `${NAME-`, outside of quotes. */
export function quoteFallback(word: string, references: References): string {
  return PLAIN.test(word) && !word.includes(' ') ? word : quoteValue(word, references)
}

/** Whether a fallback can be used inside double quotes unchanged. */
export function isPlainFallback(word: string, references: References): boolean {
  return piecesOf(word).every((piece) => {
    const found = references.get(piece)
    if (found === undefined) return PLAIN.test(piece)
    return found.fallback === undefined || isPlainFallback(found.fallback, references)
  })
}

function quoteText(text: string): string {
  if (BARE.test(text)) return text
  if (!text.includes("'")) return `'${text}'`
  return `"${escapeDouble(text)}"`
}

function quoteDouble(pieces: readonly string[], references: References): string {
  const texts = pieces.map((piece, index) => {
    const reference = references.get(piece)
    if (reference === undefined || isStatic(piece)) return escapeDouble(piece)
    return expansion(reference, /^\w/.test(pieces[index + 1] ?? ''), references)
  })
  return `"${texts.join('')}"`
}

function expansion({ name, fallback }: Reference, isFollowed: boolean, references: References): string {
  if (fallback !== undefined) {
    const inner = piecesOf(fallback).map((piece, index, all) => {
      const reference = references.get(piece)
      if (reference === undefined) return piece
      return expansion(reference, /^\w/.test(all[index + 1] ?? ''), references)
    })
    return `\${${name}-${inner.join('')}}`
  }
  return isFollowed || /^\d\d/.test(name) ? `\${${name}}` : `$${name}`
}

function escapeDouble(text: string): string {
  return text.replaceAll(/[\\"$`]/g, '\\$&')
}

/** Indents lines by one step. */
export function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === '' ? '' : `  ${line}`))
}

/** Adds text before the first line and after the last one. */
export function around(before: string, lines: readonly string[], behind: string): readonly string[] {
  return lines.map((line, index) => (index === 0 ? before : '') + line + (index === lines.length - 1 ? behind : ''))
}
