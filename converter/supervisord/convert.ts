// supervisord.conf → Document: sections in their order become tables, keys in their order entries, each
// with its place in the old file. What has no counterpart stays as a comment where it was, and the ledger
// says of every key, section and line what became of it.

import { dirname } from 'node:path'
import type { Machine } from '../../config/config.ts'
import { ConfigError, type Diagnostic, hasErrors } from '../../config/diagnostic.ts'
import { type Comment, type Document, type Entry, type Table, tableName } from '../../config/document.ts'
import { bySupervisordName, type Key, supervisordName } from '../../config/key.ts'
import { nearest } from '../../config/nearest.ts'
import { ValueError } from '../../config/values.ts'
import type { Conversion, ConvertOptions } from '../format.ts'
import { apart, commentsOf, entryAsComment, headerAsComment, say, tidy } from './comments.ts'
import { fixHere, type Here, placeHere } from './here.ts'
import { readSource, type Source } from './include.ts'
import { Ledger } from './ledger.ts'
import { mapSections, type SectionMapping } from './mapping.ts'
import { describeListener, describeUnmapped } from './plugins.ts'
import type { IniEntry, IniSection } from './read-ini.ts'
import { convertValue } from './values.ts'

const DEFAULT = 'DEFAULT'

/** Reads supervisord.conf with its includes. Throws ConfigError with every error found. */
export function convertSupervisord(path: string, machine: Machine, options: ConvertOptions = {}): Conversion {
  const source = readSource(path, machine, options.text)
  if (hasErrors(source.diagnostics)) throw new ConfigError(source.diagnostics)
  const { only } = options
  if (only === undefined) return new Converter(source, options).convert()
  const sections = source.sections.filter(({ name }) => name === DEFAULT || name === 'include' || only(name))
  return new Converter({ ...source, sections, lines: [] }, options).convert()
}

class Converter {
  readonly #source: Source
  readonly #options: ConvertOptions
  readonly #here: Here
  readonly #mappings: ReadonlyMap<string, SectionMapping>
  readonly #defaults: readonly IniEntry[]
  readonly #diagnostics: Diagnostic[]
  readonly #ledger = new Ledger()
  /** Comments of sections that became no table: they stand above the next one. */
  #carried: Comment[] = []

  constructor(source: Source, options: ConvertOptions) {
    this.#source = source
    this.#options = options
    const find = (name: string): IniSection | undefined => source.sections.find((section) => section.name === name)
    this.#mappings = mapSections(source.sections)
    this.#here = { file: source.file, hasInclude: find('include') !== undefined }
    this.#defaults = [...(find(DEFAULT)?.entries.values() ?? [])]
    this.#diagnostics = [...source.diagnostics]
  }

  convert(): Conversion {
    const { sections, file, files, trailingComments } = this.#source
    const isFragment = !sections.some(({ name }) => name === 'supervisord')
    if (isFragment) this.#checkFragment()
    const tables = sections.flatMap((section) => this.#convertSection(section))
    if (hasErrors(this.#diagnostics)) throw new ConfigError(this.#diagnostics)
    const footer = tidy(apart(this.#carried, trailingComments), { top: true, end: true })
    const document: Document = { file, here: dirname(file), tables, footer }
    const lines = this.#ledger.lines(this.#source.lines)
    return { document, diagnostics: this.#diagnostics, ledger: this.#ledger.entries, lines, files, isFragment }
  }

  #checkFragment(): void {
    const { file } = this.#source
    const place = { file, line: 1, column: 1 }
    if (this.#options.complete || this.#mappings.size === 0) {
      const message = 'There is no [supervisord] section'
      const hint = 'is it a file for the [include] of another one?'
      this.#diagnostics.push({ severity: 'error', message, place, hint })
    } else {
      const message = 'This is a fragment: it has no [supervisord] section, so supervisord alone would refuse it'
      const hint = 'convert the main file that includes it to get everything'
      this.#diagnostics.push({ severity: 'note', message, place, hint })
    }
  }

  #convertSection(section: IniSection): Table[] {
    if (section.name === DEFAULT) return this.#convertDefaults(section)
    if (section.name === 'include') return this.#convertInclude(section)
    const mapping = this.#mappings.get(section.name)
    if (mapping === undefined) return this.#leaveOut(section)
    const { entries, left } = this.#convertEntries(section, mapping)
    // What is added comes last; what stood below the last key stays above it.
    const below = tidy([...left, ...section.after], { top: entries.length === 0, end: true })
    entries.push(...this.#inherit(section, mapping, below))
    entries.push(...this.#spellDefaults(section, mapping, entries, below))
    const table: Table = {
      kind: mapping.kind,
      name: mapping.name,
      place: section.place,
      comments: tidy(apart(this.#carried, section.comments), { top: true }),
      remark: section.remark,
      entries,
      after: below,
    }
    this.#carried = []
    this.#ledger.settle(section.name, '', { fate: 'renamed', to: tableName(table), written: table })
    const listener = mapping.kind === 'event_listeners' ? describeListener(section) : undefined
    if (listener !== undefined) this.#diagnostics.push(listener)
    return [table]
  }

  /** The entries of a section; keys that supervisord ignores are comments above the next entry, or left for the end. */
  #convertEntries(section: IniSection, mapping: SectionMapping): { entries: Entry[]; left: Comment[] } {
    const entries: Entry[] = []
    let left: Comment[] = []
    for (const entry of section.entries.values()) {
      const comments = tidy([...left, ...entry.comments], { top: entries.length === 0 })
      left = []
      const key = findKey(mapping, entry.key)
      if (key === undefined) left = [...comments, ...this.#dropKey(section, mapping, entry)]
      else entries.push(...this.#convertEntry(section, mapping, { ...entry, comments }, key))
    }
    return { entries, left }
  }

  #convertEntry(
    section: IniSection,
    mapping: SectionMapping,
    entry: IniEntry,
    [name, row]: readonly [string, Key<unknown>],
    origin = section.name,
  ): Entry[] {
    const known = mapping.allowed(entry.key)
    const allowed = known !== undefined && this.#here.hasInclude ? [...known, 'here'] : known
    const { key, place, comments, remark } = entry
    try {
      const raw = placeHere(entry, this.#here, allowed)
      const value = convertValue(raw, row, { names: {}, allowed, twice: mapping.twice.includes(name) })
      const written = {
        key: name,
        value: this.#options.absoluteHere === true ? fixHere(value, dirname(this.#here.file)) : value,
        place,
        comments,
        remark,
      }
      const fate = name !== key ? 'renamed' : value === entry.value ? 'kept' : 'changed'
      const to = `${tableName(mapping)}.${name}`
      this.#ledger.record(section.name, key, place, { fate, to })
      this.#ledger.settle(origin, key, { fate: origin === DEFAULT ? 'replaced' : fate, to, written })
      return [written]
    } catch (error) {
      if (!(error instanceof ValueError)) throw error
      const message = `Cannot read "${key}" as ${row.type.name}: ${error.message}`
      this.#diagnostics.push({ severity: 'error', message, place })
      return []
    }
  }

  #dropKey(section: IniSection, mapping: SectionMapping, entry: IniEntry): Comment[] {
    const names = Object.entries(mapping.keys).flatMap(([name, row]) => supervisordName(name, row) ?? [])
    const close = nearest(entry.key, names)
    const message = `"${entry.key}" in [${section.name}] is a key that supervisord ignores`
    const hint = close === undefined ? undefined : `was "${close}" meant?`
    this.#diagnostics.push({ severity: 'warning', message, place: entry.place, hint })
    return this.#drop(section, entry, 'supervisord ignores it', 'not converted: ')
  }

  /** An entry that goes nowhere, as comment. */
  #drop(section: IniSection, entry: IniEntry, note: string, prefix = ''): Comment[] {
    const comments = entryAsComment(entry, prefix)
    const outcome = { fate: 'dropped', to: '', written: comments[0], note } as const
    if (prefix !== '') this.#ledger.record(section.name, entry.key, entry.place, outcome)
    this.#ledger.settle(section.name, entry.key, outcome)
    return comments
  }

  /** [DEFAULT] becomes no table: its keys are written into the tables that do not set them. */
  #convertDefaults(section: IniSection): Table[] {
    this.#ledger.settle(DEFAULT, '', { fate: 'replaced', to: '', note: 'its keys stand in the tables that take them' })
    const comments = this.#defaults.flatMap((entry) => {
      const isFiles = entry.key === 'files' && this.#here.hasInclude
      if (isFiles) this.#ledger.settle(DEFAULT, entry.key, { fate: 'replaced', to: '', note: 'the files are read' })
      const isTaken =
        isFiles || this.#source.sections.some((other) => takes(other, this.#mappings.get(other.name), entry.key))
      return isTaken
        ? commentsOf(entry)
        : [
            ...entry.comments,
            ...this.#drop(section, entry, 'no section takes it', `not converted from [${section.name}]: `),
          ]
    })
    this.#carry([...commentsOf(section), ...comments, ...section.after])
    return []
  }

  /** Keys of [DEFAULT] hold in every section that does not set them. The first one takes the comments. */
  #inherit(section: IniSection, mapping: SectionMapping, comments: Comment[]): Entry[] {
    return this.#defaults.flatMap((entry) => {
      const key = takes(section, mapping, entry.key) ? findKey(mapping, entry.key) : undefined
      if (key === undefined) return []
      const copy = { ...entry, comments: comments.splice(0), remark: 'from [DEFAULT]' }
      return this.#convertEntry(section, mapping, copy, key, DEFAULT)
    })
  }

  #convertInclude(section: IniSection): Table[] {
    const number = this.#source.files.length - 1
    const note = `${number} ${number === 1 ? 'file' : 'files'}, the content stands in the TOML`
    const outcome = { fate: 'replaced', to: '', note } as const
    this.#ledger.record(section.name, '', section.place, outcome)
    this.#ledger.settle(section.name, '', outcome)
    const others = [...section.entries.values()].flatMap((entry) => {
      if (entry.key !== 'files')
        return [
          ...entry.comments,
          ...this.#drop(section, entry, 'supervisord ignores it', `not converted from [${section.name}]: `),
        ]
      this.#ledger.settle(section.name, entry.key, outcome)
      return commentsOf(entry)
    })
    this.#carry([...commentsOf(section), ...others, ...section.after])
    return []
  }

  #carry(comments: readonly Comment[]): void {
    this.#carried = apart(this.#carried, tidy(comments, { top: true, end: true }))
  }

  /** Where kahi does something else without a key, what supervisord does is written out. The first one takes the comments. */
  #spellDefaults(
    section: IniSection,
    mapping: SectionMapping,
    entries: readonly Entry[],
    comments: Comment[],
  ): Entry[] {
    const has = (key: string): boolean => entries.some((entry) => entry.key === key)
    const isOn = (key: string): boolean => entries.some((entry) => entry.key === key && entry.value === true)
    const { place } = section
    const spelled: Entry[] = []
    for (const [key, row] of Object.entries(mapping.keys)) {
      if (row.supervisordDefault === undefined || has(key) || (key === 'stderr_logfile' && isOn('redirect_stderr')))
        continue
      spelled.push({ key, value: row.supervisordDefault, place, comments: comments.splice(0) })
      const note = `supervisord's default is ${row.supervisordDefault}`
      this.#ledger.record(section.name, key, place, { fate: 'defaulted', to: `${tableName(mapping)}.${key}`, note })
    }
    if (mapping.kind === 'server.http') spelled.push({ key: 'enabled', value: true, place })
    if (mapping.kind === 'groups' && !has('programs')) spelled.push({ key: 'programs', value: [], place })
    return spelled
  }

  /** A section without counterpart: a comment, or nothing where kahi does its work. */
  #leaveOut(section: IniSection): Table[] {
    const { replaced, ...diagnostic } = describeUnmapped(section)
    const { place } = section
    this.#diagnostics.push(diagnostic)
    const note = diagnostic.message
    const header = headerAsComment(section)
    const outcome = replaced
      ? ({ fate: 'replaced', to: '', note } as const)
      : ({ fate: 'dropped', to: '', note, written: header } as const)
    this.#ledger.record(section.name, '', place, outcome)
    this.#ledger.settle(section.name, '', outcome)
    const entries = [...section.entries.values()]
    if (replaced) {
      for (const { key } of entries) this.#ledger.settle(section.name, key, outcome)
      this.#carry([...commentsOf(section), ...entries.flatMap(commentsOf), ...section.after])
      return []
    }
    const lines = entries.flatMap((entry) => [...entry.comments, ...this.#drop(section, entry, note)])
    this.#carry([...section.comments, say('not converted:', place), header, ...lines, ...section.after])
    return []
  }
}

function findKey({ keys }: SectionMapping, key: string): readonly [string, Key<unknown>] | undefined {
  return bySupervisordName(keys).get(key)
}

/** Whether a section has no value of its own for a key that it knows. */
function takes(section: IniSection, mapping: SectionMapping | undefined, key: string): boolean {
  return mapping !== undefined && !section.entries.has(key) && findKey(mapping, key) !== undefined
}
