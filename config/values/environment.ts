// Environment variables as text, `A="1",B='2'`, with all oddities of the original: the text is a chain of words, and a
// value ends where its word ends. Source: supervisor 4.2.5, datatypes.dict_of_key_value_pairs; CPython 3.11,
// shlex.shlex (non-POSIX).

/** Variables, or why they cannot be read. */
export type EnvironmentText = { readonly variables: Readonly<Record<string, string>> } | { readonly error: string }

/**
 * Reads `A="1",B='2'`. Words are read in groups of four (key, `=`, value, separator); quotes of both kinds are removed
 * from the ends of a value. `isWord` adds characters to those that can be part of a word.
 */
export function readEnvironment(text: string, isWord: (character: string) => boolean = () => false): EnvironmentText {
  const words = splitWords(text, isWord)
  if (words === undefined) return { error: 'a quotation is not closed' }
  const variables = Object.create(null) as Record<string, string>
  for (let index = 0; index < words.length; index += 4) {
    const [key, equals, value] = words.slice(index, index + 3)
    if (key === undefined || equals !== '=' || value === undefined) {
      const before = index === 0 ? 'at its beginning' : `after the value of ${words[index - 4]}`
      return { error: `it breaks ${before}: NAME="value" must follow, with a comma in between` }
    }
    variables[key] = value.replace(/^['"]+/, '').replace(/['"]+$/, '')
  }
  return { variables: { ...variables } }
}

function splitWords(text: string, isWord: (character: string) => boolean): string[] | undefined {
  const words: string[] = []
  const inWord = (character: string): boolean => isWord(character) || /[A-Za-z0-9_/.+\-():]/.test(character)
  let position = 0
  while (position < text.length) {
    const character = text.charAt(position)
    if (/[ \t\r\n]/.test(character)) position += 1
    else if (character === '#') position = nextLine(text, position)
    else {
      const piece = readWord(text, position, inWord)
      if (piece === undefined) return undefined
      words.push(piece.word)
      position = piece.end
    }
  }
  return words
}

function nextLine(text: string, position: number): number {
  const newline = text.indexOf('\n', position)
  return newline < 0 ? text.length : newline + 1
}

type Piece = { readonly word: string; readonly end: number }

/**
 * A quoted string ends at its quote. A `#` inside a bare word skips the rest of the line, and the word continues in the
 * next line.
 */
function readWord(text: string, start: number, inWord: (character: string) => boolean): Piece | undefined {
  const first = text.charAt(start)
  if (first === '"' || first === "'") {
    const close = text.indexOf(first, start + 1)
    return close < 0 ? undefined : { word: text.slice(start, close + 1), end: close + 1 }
  }
  if (!inWord(first)) return { word: first, end: start + 1 }
  let word = first
  let end = start + 1
  while (end < text.length) {
    const character = text.charAt(end)
    if (character === '#') end = nextLine(text, end)
    else if (inWord(character) || character === '"' || character === "'") {
      word += character
      end += 1
    } else break
  }
  return { word, end }
}
