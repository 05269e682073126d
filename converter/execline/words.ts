// Words whose values are known only when the script runs. execline replaces `${X}` in the words after a command before
// it runs the rest. Here private characters take the place of such values, so that the rest can be written as shell
// words. Source: execline 2.9.3, el_substitute.

import { ANY, fits, literal, type Step } from '../../config/values/wildcard.ts'
import type { Place } from '../../config/model/diagnostic.ts'
import type { Item } from './lexer.ts'

/** The part of a script that a shell cannot express, and its place. */
export class Untranslatable extends Error {
  readonly place: Place

  constructor(message: string, place: Place) {
    super(message)
    this.place = place
  }
}

/** A value that the shell knows when it runs. */
export interface Reference {
  /** `PORT`, `1`, or `@` for all arguments. */
  readonly name: string
  /** It is the environment variable itself and not a copy, so it follows changes. */
  readonly isLive: boolean
  /** The text used when the variable is not set; a word that may contain references. */
  readonly fallback?: string | undefined
  /** Without a value the whole word is removed. */
  readonly mayBeGone: boolean
  /** It consists of digits only. */
  readonly isNumber: boolean
  /** It becomes as many words as there are parts between blanks, and is never a part of another word. */
  readonly isSplit?: boolean
}

/** The first of the characters that stand for references; they are for private use. */
const FIRST = 0xe0_00
const SIGN = /[\ue000-\uf8ff]/
const SIGNS = /[\ue000-\uf8ff]/g

/** The references of one script. */
export class References {
  readonly #all: Reference[] = []
  readonly #copies = new Set<string>()

  /** Gives a character that stands for the reference. */
  add(reference: Reference): string {
    this.#all.push(reference)
    return String.fromCharCode(FIRST + this.#all.length - 1)
  }

  /** The reference of a character. */
  get(sign: string): Reference | undefined {
    return this.#all[sign.charCodeAt(0) - FIRST]
  }

  /** The references in a word, in order, and those in their fallbacks. */
  in(word: string): readonly Reference[] {
    return [...word.matchAll(SIGNS)].flatMap(([sign]) => {
      const found = this.get(sign)
      return found === undefined ? [] : [found, ...this.in(found.fallback ?? '')]
    })
  }

  /** A unique name for a copy of a variable. */
  nameCopy(variable: string): string {
    let name = `_${variable}`
    while (this.#copies.has(name)) name = `_${name}`
    this.#copies.add(name)
    return name
  }
}

/** Whether the word contains no reference. */
export function isStatic(word: string): boolean {
  return !SIGN.test(word)
}

/** The parts of a word: texts and references. */
export function piecesOf(word: string): readonly string[] {
  return word.split(/([\ue000-\uf8ff])/).filter((piece) => piece !== '')
}

/** Values of names. Several values make several words; no value removes the word. */
export type Values = ReadonlyMap<string, readonly string[]>

/** The items, with the names replaced in all words, also in blocks. */
export function substitute(items: readonly Item[], values: Values): readonly Item[] {
  return items.flatMap((item): readonly Item[] => {
    if ('items' in item) return [{ ...item, items: substitute(item.items, values) }]
    const texts = substituteText(item.text, values, item.place)
    return texts.map((text) => (text === item.text ? item : { ...item, text }))
  })
}

/** The items, with every word changed. */
export function mapWords(items: readonly Item[], change: (text: string) => string): readonly Item[] {
  return items.map((item) =>
    'items' in item ? { ...item, items: mapWords(item.items, change) } : { ...item, text: change(item.text) },
  )
}

/** The texts of all words, also of those in blocks. */
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

/** Whether a name that contains references could be one of these names when the script runs. */
function couldBe(name: string, values: Values): boolean {
  const steps = piecesOf(name).flatMap((piece): readonly Step[] => (isStatic(piece) ? literal(piece) : [ANY]))
  return [...values.keys()].some((key) => fits(steps, key))
}
