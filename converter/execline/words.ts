// Words whose values are known only when the script runs. execline replaces `${X}` in the words behind a command before it
// goes on; here the same is done with signs that stand for such values, so that what is left can be written as a shell's.
// Source: execline 2.9.3, el_substitute.

import type { Place } from '../../config/diagnostic.ts'
import type { Item } from './lexer.ts'

/** What cannot be said the same in a shell, and where. */
export class Untranslatable extends Error {
  readonly place: Place

  constructor(message: string, place: Place) {
    super(message)
    this.place = place
  }
}

/** A value that the shell knows. */
export interface Reference {
  /** `PORT`, `1`, or `@` for all arguments. */
  readonly name: string
  /** It is the variable of the environment itself, not a copy, and follows its changes. */
  readonly isLive: boolean
  /** What stands there when the variable is not set; a word with signs. */
  readonly fallback?: string | undefined
  /** Without a value the whole word is gone. */
  readonly mayBeGone: boolean
  /** Nothing but digits. */
  readonly isNumber: boolean
  /** It makes as many words as there are between its blanks, and is no part of another word. */
  readonly isSplit?: boolean
}

/** The first of the characters that stand for references: those for private use. */
const FIRST = 0xe0_00
const SIGN = /[\ue000-\uf8ff]/
const SIGNS = /[\ue000-\uf8ff]/g

/** The references of one script. */
export class References {
  readonly #all: Reference[] = []
  readonly #copies = new Set<string>()

  /** A sign that stands for it. */
  add(reference: Reference): string {
    this.#all.push(reference)
    return String.fromCharCode(FIRST + this.#all.length - 1)
  }

  /** What a sign stands for. */
  get(sign: string): Reference | undefined {
    return this.#all[sign.charCodeAt(0) - FIRST]
  }

  /** Those in a word, in their order, with those in their fallbacks. */
  in(word: string): readonly Reference[] {
    return [...word.matchAll(SIGNS)].flatMap(([sign]) => {
      const found = this.get(sign)
      return found === undefined ? [] : [found, ...this.in(found.fallback ?? '')]
    })
  }

  /** A name for a copy of a variable, which no other copy has. */
  nameCopy(variable: string): string {
    let name = `_${variable}`
    while (this.#copies.has(name)) name = `_${name}`
    this.#copies.add(name)
    return name
  }
}

/** Whether the word is what it seems. */
export function isStatic(word: string): boolean {
  return !SIGN.test(word)
}

/** The pieces of a word: texts and signs. */
export function piecesOf(word: string): readonly string[] {
  return word.split(/([\ue000-\uf8ff])/).filter((piece) => piece !== '')
}

/** Values of names; several make several words, none makes the word go away. */
export type Values = ReadonlyMap<string, readonly string[]>

/** The items with the names replaced in all their words, blocks included. */
export function substitute(items: readonly Item[], values: Values): readonly Item[] {
  return items.flatMap((item): readonly Item[] => {
    if ('items' in item) return [{ ...item, items: substitute(item.items, values) }]
    const texts = substituteText(item.text, values, item.place)
    return texts.map((text) => (text === item.text ? item : { ...item, text }))
  })
}

/** The items with every word changed. */
export function mapWords(items: readonly Item[], change: (text: string) => string): readonly Item[] {
  return items.map((item) =>
    'items' in item ? { ...item, items: mapWords(item.items, change) } : { ...item, text: change(item.text) },
  )
}

/** All texts of words, those in blocks too. */
export function textsOf(items: readonly Item[]): readonly string[] {
  return items.flatMap((item) => ('items' in item ? textsOf(item.items) : [item.text]))
}

/** `\\` before it, then `${name}`, or `$name` up to the end of the word or a character that ends it. */
const VARIABLE = /(\\*)\$(?:\{([^\\${}]+)\}|([^\\${}]+))/g

function substituteText(text: string, values: Values, place: Place): readonly string[] {
  let made: readonly string[] = ['']
  let end = 0
  for (const match of text.matchAll(VARIABLE)) {
    const [whole, escapes = '', braced, bare] = match
    const name = braced ?? bare ?? ''
    if (!isStatic(name) && values.size > 0 && isStatic(text.slice(match.index)) === false && couldBe(name, values))
      throw new Untranslatable('the name of a variable is made of values here', place)
    const found = values.get(name)
    if (found === undefined) continue
    const before = text.slice(end, match.index) + escapes.slice(0, escapes.length >> 1)
    end = match.index + whole.length
    const isEscaped = escapes.length % 2 === 1
    const ends = isEscaped ? [whole.slice(escapes.length)] : found
    made = made.flatMap((start) => ends.map((value) => start + before + value))
  }
  return made.map((start) => start + text.slice(end))
}

/** Whether a name with signs in it could turn out to be one of those. */
function couldBe(name: string, values: Values): boolean {
  const texts = piecesOf(name).map((piece) => (isStatic(piece) ? piece.replaceAll(/[^\w]/g, '\\$&') : '.*'))
  const pattern = new RegExp(`^${texts.join('')}$`, 's')
  return [...values.keys()].some((key) => pattern.test(key))
}
