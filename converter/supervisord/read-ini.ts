// Reads supervisord's dialect of INI with the place of everything. Comments are kept beside what they
// stand above. The rules, odd ones included, are those of Python's parser as supervisord sets it up:
// `;` and `#` begin a comment at the start of a line or after a blank, even inside quotes; a line that is
// indented more than its key continues the value; sections of one name merge and the last key wins.
// Source: CPython 3.11, configparser.RawConfigParser._read; supervisor 4.2.5, UnhosedConfigParser.

import type { Diagnostic, Place } from '../../config/diagnostic.ts'
import { quote } from '../../config/values.ts'

/** `key = value`; lines of a long value are joined by newlines. */
export interface IniEntry {
  /** Lower case. */
  readonly key: string
  readonly value: string
  readonly place: Place
  /** Comment lines above and inside, without their sign. */
  readonly comments: readonly string[]
  /** Comment behind the value. */
  readonly remark: string | undefined
}

/** A section with the entries of all its parts. */
export interface IniSection {
  readonly name: string
  /** Where it was opened first. */
  readonly place: Place
  readonly comments: readonly string[]
  readonly entries: ReadonlyMap<string, IniEntry>
}

interface OpenEntry {
  readonly key: string
  readonly lines: string[]
  readonly place: Place
  readonly comments: string[]
  remark: string | undefined
}

interface OpenSection {
  readonly name: string
  readonly place: Place
  readonly comments: string[]
  readonly entries: Map<string, OpenEntry>
}

/** Several files read one after the other into the same sections. */
export class Ini {
  readonly #sections = new Map<string, OpenSection>()
  readonly #diagnostics: Diagnostic[] = []
  #comments: string[] = []

  /** Reads one more file. */
  read(text: string, file: string): void {
    new IniReader(file, this.#sections, this.#diagnostics, this.#comments).read(text)
  }

  /** Sections in the order of their first appearance, `DEFAULT` among them. */
  get sections(): readonly IniSection[] {
    return [...this.#sections.values()].map((section) => ({
      ...section,
      entries: new Map([...section.entries].map(closeEntry)),
    }))
  }

  /** Lines that could not be read. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics
  }

  /** Comment lines below the last entry. */
  get trailingComments(): readonly string[] {
    return this.#comments
  }
}

function closeEntry([key, entry]: readonly [string, OpenEntry]): readonly [string, IniEntry] {
  return [key, { ...entry, value: stripEnd(entry.lines.join('\n')) }]
}

class IniReader {
  readonly #file: string
  readonly #sections: Map<string, OpenSection>
  readonly #diagnostics: Diagnostic[]
  readonly #comments: string[]
  #section: OpenSection | undefined
  #entry: OpenEntry | undefined
  #indent = 0

  constructor(file: string, sections: Map<string, OpenSection>, diagnostics: Diagnostic[], comments: string[]) {
    this.#file = file
    this.#sections = sections
    this.#diagnostics = diagnostics
    this.#comments = comments
  }

  read(text: string): void {
    const lines = text.split(/\r\n|\r|\n/)
    if (lines.at(-1) === '') lines.pop()
    for (const [index, line] of lines.entries()) if (!this.#readLine(line, index + 1)) return
  }

  /** False when the rest of the file cannot be read at all. */
  #readLine(line: string, number: number): boolean {
    const commentStart = findComment(line)
    const value = stripBoth(line.slice(0, commentStart))
    const comment =
      commentStart === undefined ? undefined : stripEnd(line.slice(commentStart + 1)).replace(/^[ \t]/, '')
    if (value === '') {
      if (comment !== undefined) this.#comments.push(comment)
      else this.#entry?.lines.push('')
      return true
    }
    const indent = line.search(NOT_BLANK)
    if (this.#entry !== undefined && indent > this.#indent) {
      this.#continueEntry(this.#entry, value, comment)
      return true
    }
    this.#indent = indent
    return this.#openLine(value, { file: this.#file, line: number, column: indent + 1 }, comment)
  }

  #continueEntry(entry: OpenEntry, value: string, comment: string | undefined): void {
    entry.lines.push(value)
    entry.comments.push(...this.#comments.splice(0))
    if (comment !== undefined) entry.comments.push(comment)
  }

  #openLine(value: string, place: Place, comment: string | undefined): boolean {
    const header = /^\[([^\n]+)\]/.exec(value)?.[1]
    if (header !== undefined) this.#openSection(header, place, comment)
    else if (this.#section === undefined) {
      const hint = value.startsWith('\uFEFF')
        ? 'the file begins with a byte order mark, which hides its first section; save it without'
        : 'a section such as [supervisord] or [program:NAME] must come first'
      this.#diagnostics.push({ severity: 'error', message: `There is no section above ${quote(value)}`, place, hint })
      return false
    } else this.#openEntry(this.#section, value, place, comment)
    return true
  }

  #openSection(name: string, place: Place, comment: string | undefined): void {
    const section = this.#sections.get(name) ?? { name, place, comments: [], entries: new Map<string, OpenEntry>() }
    section.comments.push(...this.#comments.splice(0))
    if (comment !== undefined) section.comments.push(comment)
    this.#sections.set(name, section)
    this.#section = section
    this.#entry = undefined
  }

  #openEntry(section: OpenSection, text: string, place: Place, remark: string | undefined): void {
    const delimiter = text.search(/[=:]/)
    const key = stripEnd(text.slice(0, Math.max(delimiter, 0))).toLowerCase()
    if (delimiter < 0 || key === '') {
      const message =
        delimiter < 0
          ? `Cannot read ${quote(text)}: there is no "=" or ":"`
          : `Cannot read ${quote(text)}: there is no key`
      this.#diagnostics.push({
        severity: 'error',
        message,
        place,
        hint: 'a line that continues the one above must be indented more',
      })
      return
    }
    const earlier = section.entries.get(key)
    const comments = [...(earlier?.comments ?? []), ...this.#comments.splice(0)]
    const entry: OpenEntry = { key, lines: [stripBoth(text.slice(delimiter + 1))], place, comments, remark }
    section.entries.delete(key)
    section.entries.set(key, entry)
    this.#entry = entry
  }
}

/**
 * Where the comment of a line begins. The n-th `;` and the n-th `#` are looked at together, and the first
 * pair in which one begins a comment decides, as the original's loop does.
 */
function findComment(line: string): number | undefined {
  if (/^[;#]/.test(stripBoth(line))) return line.search(/[;#]/)
  let prefixes = [';', '#'].map((sign) => ({ sign, index: -1 }))
  while (prefixes.length > 0) {
    prefixes = prefixes
      .map(({ sign, index }) => ({ sign, index: line.indexOf(sign, index + 1) }))
      .filter(({ index }) => index >= 0)
    const starts = prefixes.map(({ index }) => index).filter((index) => index === 0 || isBlank(line.charAt(index - 1)))
    if (starts.length > 0) return Math.min(...starts)
  }
  return undefined
}

const BLANK = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const LEADING = new RegExp(`^${BLANK}+`)
const TRAILING = new RegExp(`${BLANK}+$`)
const NOT_BLANK = new RegExp(BLANK.replace('[', '[^'))
const ONE = new RegExp(`^${BLANK}$`)

function isBlank(character: string): boolean {
  return ONE.test(character)
}

function stripEnd(text: string): string {
  return text.replace(TRAILING, '')
}

function stripBoth(text: string): string {
  return stripEnd(text.replace(LEADING, ''))
}
