// Splits a command line into words as a POSIX shell quotes them: no variables, no globs, no comments.
// Source: CPython 3.11, shlex.split, which supervisor 4.2.5 uses in Subprocess.get_execv_args.

/** The words, or why there are none: `No closing quotation`, `No escaped character`. */
export type Words = { readonly words: readonly string[] } | { readonly error: string }

/** Splits a command line; blanks are space, tab, carriage return and newline. */
export function splitCommand(line: string): Words {
  const words: string[] = []
  let word: string | undefined
  let position = 0
  while (position < line.length) {
    const character = line.charAt(position)
    if (/[ \t\r\n]/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
      position += 1
    } else {
      const piece = readPiece(line, position)
      if ('error' in piece) return piece
      word = (word ?? '') + piece.text
      position = piece.end
    }
  }
  if (word !== undefined) words.push(word)
  return { words }
}

const PLAIN = /[^ \t\r\n'"\\]+/y

type Piece = { readonly text: string; readonly end: number } | { readonly error: string }

function readPiece(line: string, start: number): Piece {
  const character = line.charAt(start)
  PLAIN.lastIndex = start
  if (PLAIN.test(line)) return { text: line.slice(start, PLAIN.lastIndex), end: PLAIN.lastIndex }
  if (character === "'") return readSingleQuoted(line, start)
  if (character === '"') return readDoubleQuoted(line, start)
  if (start + 1 >= line.length) return { error: 'No escaped character' }
  return { text: line.charAt(start + 1), end: start + 2 }
}

function readSingleQuoted(line: string, start: number): Piece {
  const close = line.indexOf("'", start + 1)
  return close < 0 ? { error: 'No closing quotation' } : { text: line.slice(start + 1, close), end: close + 1 }
}

function readDoubleQuoted(line: string, start: number): Piece {
  let text = ''
  for (let position = start + 1; position < line.length; position += 1) {
    const character = line.charAt(position)
    if (character === '"') return { text, end: position + 1 }
    const next = line.charAt(position + 1)
    if (character === '\\' && next === '') return { error: 'No escaped character' }
    const escaped = character === '\\' && (next === '"' || next === '\\')
    text += escaped ? next : character
    if (escaped) position += 1
  }
  return { error: 'No closing quotation' }
}
