// Reads supervisord's dialect of INI with the place of everything. Comments are kept beside what they
// stand above. The rules, odd ones included, are those of Python's parser as supervisord sets it up:
// `;` and `#` begin a comment at the start of a line or after a blank, even inside quotes; a line that is
// indented more than its key continues the value; sections of one name merge and the last key wins.
// Source: CPython 3.11, configparser.RawConfigParser._read; supervisor 4.2.5, UnhosedConfigParser.

import type { Diagnostic, Place } from '../../config/diagnostic.ts'
import type { Comment } from '../../config/document.ts'
import { quote } from '../../config/values.ts'

/** `key = value`; lines of a long value are joined by newlines. */
export interface IniEntry {
  /** Lower case. */
  readonly key: string
  readonly value: string
  readonly place: Place
  /** Comment lines above and inside, and the empty lines above. */
  readonly comments: readonly Comment[]
  /** Comment behind the value. */
  readonly remark: string | undefined
}

/** A section with the entries of all its parts. */
export interface IniSection {
  readonly name: string
  /** Where it was opened first. */
  readonly place: Place
  readonly comments: readonly Comment[]
  /** Comment behind the name. */
  readonly remark: string | undefined
  readonly entries: ReadonlyMap<string, IniEntry>
  /** Lines below the last entry that belong to no other section. */
  readonly after: readonly Comment[]
}

/** What a line was read as. */
export type IniLine =
  | { readonly kind: 'blank'; readonly place: Place }
  | { readonly kind: 'comment'; readonly place: Place; readonly comment: Comment }
  | { readonly kind: 'section'; readonly place: Place; readonly section: string }
  | {
      /** The first or a further line of a value. */
      readonly kind: 'value'
      readonly place: Place
      readonly section: string
      readonly key: string
      /** Where the key is set again, which makes this line void. */
      readonly overriddenAt: Place | undefined
    }

interface OpenEntry {
  readonly key: string
  readonly lines: string[]
  readonly place: Place
  readonly section: OpenSection
  readonly comments: Comment[]
  remark: string | undefined
}

interface OpenSection {
  readonly name: string
  readonly place: Place
  readonly comments: Comment[]
  readonly after: Comment[]
  remark: string | undefined
  readonly entries: Map<string, OpenEntry>
}

/** As an IniLine, but what overrides a value is not known yet. */
type OpenLine = Exclude<IniLine, { readonly kind: 'value' }> | OpenValueLine
interface OpenValueLine {
  readonly kind: 'value'
  readonly place: Place
  readonly entry: OpenEntry
}

/** What several files are read into. */
interface Target {
  readonly sections: Map<string, OpenSection>
  readonly diagnostics: Diagnostic[]
  readonly lines: OpenLine[]
  /** Comments and empty lines that no section or entry has taken yet. */
  readonly pending: Comment[]
}

/** Several files read one after the other into the same sections. */
export class Ini {
  readonly #target: Target = { sections: new Map(), diagnostics: [], lines: [], pending: [] }

  /** Reads one more file. */
  read(text: string, file: string): void {
    new IniReader(file, this.#target).read(text)
  }

  /** Sections in the order of their first appearance, `DEFAULT` among them. */
  get sections(): readonly IniSection[] {
    return [...this.#target.sections.values()].map((section) => ({
      ...section,
      entries: new Map([...section.entries].map(closeEntry)),
    }))
  }

  /** Every line of every file, in the order in which they were read. */
  get lines(): readonly IniLine[] {
    return this.#target.lines.map((line) => (line.kind === 'value' ? closeLine(line) : line))
  }

  /** Lines that could not be read. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#target.diagnostics
  }

  /** Comment lines of files that hold nothing else. */
  get trailingComments(): readonly Comment[] {
    return this.#target.pending
  }
}

function closeEntry([key, entry]: readonly [string, OpenEntry]): readonly [string, IniEntry] {
  const { place, comments, remark, lines } = entry
  return [key, { key, place, comments, remark, value: stripEnd(lines.join('\n')) }]
}

function closeLine({ place, entry }: OpenValueLine): IniLine {
  const { section, key } = entry
  const current = section.entries.get(key)
  const overriddenAt = current === entry ? undefined : current?.place
  return { kind: 'value', place, section: section.name, key, overriddenAt }
}

class IniReader {
  readonly #file: string
  readonly #target: Target
  #section: OpenSection | undefined
  #entry: OpenEntry | undefined
  #indent = 0
  /** Where the empty lines since the last line of a value are in `lines`: part of the value if it goes on. */
  #blanks: number[] = []

  constructor(file: string, target: Target) {
    this.#file = file
    this.#target = target
  }

  read(text: string): void {
    const lines = text.split(/\r\n|\r|\n/)
    if (lines.at(-1) === '') lines.pop()
    for (const [index, line] of lines.entries()) if (!this.#readLine(line, index + 1)) return
    if (this.#section !== undefined) this.#section.after.push(...this.#target.pending.splice(0))
  }

  /** False when the rest of the file cannot be read at all. */
  #readLine(line: string, number: number): boolean {
    const commentStart = findComment(line)
    const value = stripBoth(line.slice(0, commentStart))
    const indent = Math.max(line.search(NOT_BLANK), 0)
    const place = { file: this.#file, line: number, column: indent + 1 }
    const remark = commentStart === undefined ? undefined : stripEnd(line.slice(commentStart + 1)).replace(/^[ \t]/, '')
    if (value === '') {
      this.#takeComment({ text: remark ?? null, place })
      return true
    }
    if (this.#entry !== undefined && indent > this.#indent) {
      this.#continueEntry(this.#entry, value, { text: remark ?? null, place })
      return true
    }
    this.#indent = indent
    this.#blanks = []
    return this.#openLine(value, place, remark)
  }

  #takeComment(comment: Comment): void {
    const { lines, pending } = this.#target
    pending.push(comment)
    if (comment.text !== null) lines.push({ kind: 'comment', place: comment.place, comment })
    else {
      this.#blanks.push(lines.length)
      lines.push({ kind: 'blank', place: comment.place })
      this.#entry?.lines.push('')
    }
  }

  #continueEntry(entry: OpenEntry, value: string, beside: Comment): void {
    const { lines, pending } = this.#target
    for (const index of this.#blanks.splice(0)) {
      const line = lines[index]
      if (line !== undefined) lines[index] = { kind: 'value', place: line.place, entry }
    }
    entry.lines.push(value)
    lines.push({ kind: 'value', place: beside.place, entry })
    entry.comments.push(...[...pending.splice(0), beside].filter(({ text }) => text !== null))
  }

  #openLine(value: string, place: Place, remark: string | undefined): boolean {
    const header = /^\[([^\n]+)\]/.exec(value)?.[1]
    if (header !== undefined) this.#openSection(header, place, remark)
    else if (this.#section === undefined) {
      const hint = value.startsWith('\uFEFF')
        ? 'the file begins with a byte order mark, which hides its first section; save it without'
        : 'a section such as [supervisord] or [program:NAME] must come first'
      const message = `There is no section above ${quote(value)}`
      this.#target.diagnostics.push({ severity: 'error', message, place, hint })
      return false
    } else this.#openEntry(this.#section, value, place, remark)
    return true
  }

  #openSection(name: string, place: Place, remark: string | undefined): void {
    const { sections, lines, pending } = this.#target
    if (this.#section !== undefined) this.#section.after.push(...takeAdjacent(pending))
    const known = sections.get(name)
    const section = known ?? { name, place, comments: [], after: [], remark, entries: new Map<string, OpenEntry>() }
    section.comments.push(...pending.splice(0))
    if (known !== undefined && remark !== undefined) section.comments.push({ text: remark, place })
    sections.set(name, section)
    lines.push({ kind: 'section', place, section: name })
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
      const hint = 'a line that continues the one above must be indented more'
      this.#target.diagnostics.push({ severity: 'error', message, place, hint })
      return
    }
    const earlier = section.entries.get(key)
    const said = earlier?.remark === undefined ? [] : [{ text: earlier.remark, place: earlier.place }]
    const comments = [...(earlier?.comments ?? []), ...said, ...this.#target.pending.splice(0)]
    const lines = [stripBoth(text.slice(delimiter + 1))]
    const entry: OpenEntry = { key, lines, place, section, comments, remark }
    section.entries.delete(key)
    section.entries.set(key, entry)
    this.#target.lines.push({ kind: 'value', place, entry })
    this.#entry = entry
  }
}

/** Takes the comments that follow an entry without an empty line: they belong to its section, not to the next one. */
function takeAdjacent(pending: Comment[]): Comment[] {
  const blank = pending.findIndex(({ text }) => text === null)
  return pending.splice(0, Math.max(blank, 0))
}

/**
 * Where the comment of a line begins. The n-th `;` and the n-th `#` are looked at together, and the first
 * pair in which one begins a comment decides, as the original's loop does.
 */
function findComment(line: string): number | undefined {
  if (!/[;#]/.test(line)) return undefined
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
