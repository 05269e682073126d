// Reads execline: words with their places, and the blocks that they form. The rules are the same for scripts of
// execlineb and for the files `up` and `down` of a oneshot, which are not scripts but command lines. Source: execline
// 2.9, el_parse; section 1.4 of its behaviour as verified by experiment.

import type { Place } from '../../config/model/diagnostic.ts'

/** One word. Words inside blocks know their depth. */
export interface Word {
  readonly text: string
  readonly place: Place
  /** Number of blocks around it. */
  readonly level: number
  /** Whether it is the end of a block, which execline passes on as an empty word. */
  readonly isEnd: boolean
}

/** Words, or the first error. */
export type Lexed = { readonly words: readonly Word[] } | { readonly error: string; readonly place: Place }

/** A word, or a block with its content. */
export type Item = Word | Block

/** `{ … }`. */
export interface Block {
  readonly place: Place
  readonly items: readonly Item[]
}

/** Deeper blocks, and more words, are in no script that is meant: what reads them takes the words apart again and again. */
const MOST_LEVELS = 100
/** Translation takes time that grows with the square of the words. */
const MOST_WORDS = 4000

const BLANK = /[\x01-\x20]/
const CONTROLS: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
}

/** The words of a text. */
export function lexExecline(text: string, file: string): Lexed {
  return new Lexer(text, file).lex()
}

/**
 * The argv that execline makes of words: each block level is a blank before the word, each end of a block an empty
 * word.
 */
export function argvOf(words: readonly Word[]): readonly string[] {
  return words.map(({ text, level }) => ' '.repeat(level) + text)
}

/** The words as a tree. */
export function nestBlocks(words: readonly Word[]): readonly Item[] {
  const open: { place: Place | undefined; items: Item[] }[] = [{ place: undefined, items: [] }]
  for (const word of words) {
    while (open.length <= word.level + (word.isEnd ? 1 : 0)) open.push({ place: word.place, items: [] })
    if (!word.isEnd) {
      open.at(-1)?.items.push(word)
      continue
    }
    const block = open.pop()
    open.at(-1)?.items.push({ place: block?.place ?? word.place, items: block?.items ?? [] })
  }
  return open[0]?.items ?? []
}

class LexError extends Error {}

class Lexer {
  readonly #text: string
  readonly #file: string
  readonly #words: Word[] = []
  #at = 0
  #line = 1
  #lineStart = 0
  #level = 0

  constructor(text: string, file: string) {
    const end = text.indexOf('\0')
    this.#text = end < 0 ? text : text.slice(0, end)
    this.#file = file
  }

  lex(): Lexed {
    const opened: Place[] = []
    let place = this.#place()
    try {
      for (;;) {
        this.#skip()
        place = this.#place()
        if (this.#at >= this.#text.length) break
        if (this.#words.length >= MOST_WORDS) return { error: `kahi reads no more than ${MOST_WORDS} words`, place }
        const { text, isPlain } = this.#readWord()
        if (isPlain && text === '{') {
          opened.push(place)
          this.#level += 1
          if (this.#level > MOST_LEVELS) return { error: `kahi reads no more than ${MOST_LEVELS} nested blocks`, place }
        } else if (isPlain && text === '}') {
          if (opened.pop() === undefined) return { error: 'unmatched }', place }
          this.#level -= 1
          this.#words.push({ text: '', place, level: this.#level, isEnd: true })
        } else this.#words.push({ text, place, level: this.#level, isEnd: false })
      }
    } catch (error) {
      if (!(error instanceof LexError)) throw error
      return { error: error.message, place }
    }
    const [first] = opened
    return first === undefined ? { words: this.#words } : { error: 'unmatched {', place: first }
  }

  #place(): Place {
    return { file: this.#file, line: this.#line, column: this.#at - this.#lineStart + 1 }
  }

  #next(): string | undefined {
    const character = this.#text[this.#at]
    if (character === undefined) return undefined
    this.#at += 1
    if (character === '\n') {
      this.#line += 1
      this.#lineStart = this.#at
    }
    return character
  }

  /** Skips blanks, comments, and escaped line ends between words; a backslash at the very end is one too. */
  #skip(): void {
    for (;;) {
      const character = this.#text[this.#at] ?? ''
      const after = this.#text[this.#at + 1]
      if (character === '#') this.#skipLine()
      else if (character === '\\' && (after === '\n' || after === undefined)) {
        this.#next()
        this.#next()
      } else if (BLANK.test(character)) this.#next()
      else return
    }
  }

  #skipLine(): void {
    for (;;) {
      const character = this.#next()
      if (character === undefined || character === '\n') return
    }
  }

  /** Whether a brace is a block depends on this: a plain word has no quoted or escaped characters. */
  #readWord(): { readonly text: string; readonly isPlain: boolean } {
    let text = ''
    let isPlain = true
    for (;;) {
      const character = this.#text[this.#at]
      if (character === undefined || BLANK.test(character)) return { text, isPlain }
      this.#next()
      if (character === '"') text += this.#readQuoted()
      else if (character === '\\') text += this.#next() ?? fail('a backslash at the end')
      else {
        text += character
        continue
      }
      isPlain = false
    }
  }

  /** A number at the very end of the text ends the quote, as in execline. */
  #readQuoted(): string {
    let text = ''
    for (let isNumber = false; ;) {
      const character = this.#next()
      if (character === '"' || (character === undefined && isNumber)) return text
      if (character === undefined) fail('a double quote that is not closed')
      isNumber = character === '\\' && /[0-9]/.test(this.#text[this.#at] ?? '')
      text += character === '\\' ? this.#readEscape() : character
    }
  }

  #readEscape(): string {
    const digits = /^(?:0x([0-9a-fA-F]{1,2})|0([0-7]{1,3})|([1-9][0-9]{0,2}))/.exec(
      this.#text.slice(this.#at, this.#at + 4),
    )
    if (digits === null) {
      const character = this.#next() ?? fail('a double quote that is not closed')
      if (character === '0') fail('a number after a backslash that cannot be read')
      return character === '\n' ? '' : (CONTROLS[character] ?? character)
    }
    this.#at += digits[0].length
    const [, hex, octal, decimal] = digits
    const code =
      hex === undefined
        ? Number.parseInt(octal ?? decimal ?? '', octal === undefined ? 10 : 8)
        : Number.parseInt(hex, 16)
    return code > 0 && code < 256 ? String.fromCharCode(code) : fail('a number after a backslash that is no character')
  }
}

function fail(message: string): never {
  throw new LexError(message)
}
