// Reads supervisord's dialect of INI, with the place of everything. Comments are kept with the entry below them. The
// rules, also the odd ones, are those of Python's parser with supervisord's settings: `;` and `#` begin a comment at
// the start of a line or after a blank, even inside quotes; a line that is indented more than its key continues the
// value; sections with the same name are merged, and the last value of a key counts. Source: CPython 3.11,
// configparser.RawConfigParser._read; supervisor 4.2.5, UnhosedConfigParser.

import type { Diagnostic, Place } from '../../config/model/diagnostic.ts'
import type { Comment } from '../../config/keys/document.ts'
import { isSecretName } from '../../config/values/secrets.ts'
import { quote } from '../../config/values/values.ts'

/** `key = value`; lines of a long value are joined by newlines. */
export interface IniEntry {
  /** In lower case. */
  readonly key: string
  readonly value: string
  readonly place: Place
  /** Comment lines above and inside, and empty lines above. */
  readonly comments: readonly Comment[]
  /** Comment at the end of the line. */
  readonly remark: string | undefined
}

/** A section with the entries of all its parts. */
export interface IniSection {
  readonly name: string
  /** The place of its first header. */
  readonly place: Place
  readonly comments: readonly Comment[]
  /** Comment after the name. */
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
      /** The place of a later value for the same key, which makes this line void. */
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

/** As an IniLine, before it is known which value counts. */
type OpenLine = Exclude<IniLine, { readonly kind: 'value' }> | OpenValueLine
interface OpenValueLine {
  readonly kind: 'value'
  readonly place: Place
  readonly entry: OpenEntry
}

/** The result of reading several files. */
interface Target {
  readonly sections: Map<string, OpenSection>
  readonly diagnostics: Diagnostic[]
  readonly lines: OpenLine[]
  /** Comments and empty lines that belong to no section or entry yet. */
  readonly pending: Comment[]
}

/** Several files, read one after the other into the same sections. */
export class Ini {
  readonly #target: Target = { sections: new Map(), diagnostics: [], lines: [], pending: [] }

  /** Reads one more file. */
  read(text: string, file: string): void {
    new IniReader(file, this.#target).read(text)
  }

  /** Sections in the order of their first headers, including `DEFAULT`. */
  get sections(): readonly IniSection[] {
    return [...this.#target.sections.values()].map((section) => ({
      ...section,
      entries: new Map([...section.entries].map(closeEntry)),
    }))
  }

  /** Every line of every file, in the order of reading. */
  get lines(): readonly IniLine[] {
    return this.#target.lines.map((line) => (line.kind === 'value' ? closeLine(line) : line))
  }

  /** Lines that could not be read. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#target.diagnostics
  }

  /** Comment lines of files that contain nothing else. */
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
  /**
   * Indexes in `lines` of the empty lines after the last line of a value: they are part of the value if it continues.
   */
  #blanks: number[] = []

  constructor(file: string, target: Target) {
    this.#file = file
    this.#target = target
  }

  read(text: string): void {
    const lines = text.split(/\r\n|\r|\n/)
    if (lines.at(-1) === '') lines.pop()
    for (const [index, line] of lines.entries()) if (!this.#readLine(line, index + 1)) return
    if (this.#section !== undefined) move(this.#target.pending, this.#section.after)
  }

  /** False when the rest of the file cannot be read. */
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
    for (const comment of [...pending.splice(0), beside]) if (comment.text !== null) entry.comments.push(comment)
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
    if (this.#section !== undefined) move(takeAdjacent(pending), this.#section.after)
    const known = sections.get(name)
    const section = known ?? { name, place, comments: [], after: [], remark, entries: new Map<string, OpenEntry>() }
    move(pending, section.comments)
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
      // A line that cannot be read may be the rest of a secret: it is shown only if it can be a key.
      const isShown = /^[a-z_]{1,30}$/.test(text) && !isSecretName(this.#entry?.key ?? '')
      const reason = delimiter < 0 ? 'there is no "=" or ":"' : 'there is no key'
      const message = `Cannot read ${isShown ? quote(text) : 'this line'}: ${reason}`
      const hint = 'a line that continues the one above must be indented more'
      this.#target.diagnostics.push({ severity: 'error', message, place, hint })
      return
    }
    const earlier = section.entries.get(key)
    // The earlier entry is void, so its list is used on: copies for each value of one key would add up.
    const comments = earlier?.comments ?? []
    if (earlier?.remark !== undefined) comments.push({ text: earlier.remark, place: earlier.place })
    move(this.#target.pending, comments)
    const lines = [stripBoth(text.slice(delimiter + 1))]
    const entry: OpenEntry = { key, lines, place, section, comments, remark }
    section.entries.delete(key)
    section.entries.set(key, entry)
    this.#target.lines.push({ kind: 'value', place, entry })
    this.#entry = entry
  }
}

/** Takes the comments that follow an entry without an empty line: they belong to its section. */
function takeAdjacent(pending: Comment[]): Comment[] {
  const blank = pending.findIndex(({ text }) => text === null)
  return pending.splice(0, Math.max(blank, 0))
}

/**
 * The position of a line's comment. As in the original's loop, the n-th `;` and the n-th `#` are examined together, and
 * the first pair in which one begins a comment decides.
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
const NOT_BLANK = new RegExp(BLANK.replace('[', '[^'))
const ONE = new RegExp(`^${BLANK}$`)

function isBlank(character: string): boolean {
  return ONE.test(character)
}

function stripEnd(text: string): string {
  let end = text.length
  while (end > 0 && isBlank(text.charAt(end - 1))) end -= 1
  return text.slice(0, end)
}

function stripBoth(text: string): string {
  let start = 0
  while (start < text.length && isBlank(text.charAt(start))) start += 1
  return stripEnd(text.slice(start))
}

/** Moves all elements one by one: as arguments of one call there could be too many. */
function move(from: Comment[], to: Comment[]): void {
  for (const comment of from.splice(0)) to.push(comment)
}
