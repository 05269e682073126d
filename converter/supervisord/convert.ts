// Converts supervisord.conf to a Document: sections become tables and keys become entries, in their order, each with
// its place in the old file. What has no counterpart stays as a comment at its position. The ledger records what became
// of every key, section and line.

import { append } from '../../config/model/append.ts'
import { dirname } from 'node:path'
import type { Machine } from '../../config/model/machine.ts'
import { ConfigError, type Diagnostic, hasErrors } from '../../config/model/diagnostic.ts'
import { type Comment, type Document, type Entry, type Table, tableName } from '../../config/keys/document.ts'
import type { Key } from '../../config/keys/key.ts'
import { messageWithoutSecrets } from '../../config/values/secrets.ts'
import { ValueError } from '../../config/values/values.ts'
import type { Conversion, ConvertOptions } from '../format.ts'
import { apart, commentsOf, entryAsComment, headerAsComment, say, tidy } from './comments.ts'
import { describeFragment, describeIgnored, describeNameless, describeShellSigns } from './diagnostics.ts'
import { fixHere, type Here, placeHere } from './here.ts'
import { readSource, type Source } from './include.ts'
import { Ledger } from './ledger.ts'
import { findKey, isForClients, knownBySome, mapSections, type SectionMapping, takes } from './mapping.ts'
import { describeListener, describeTaken, describeUnmapped } from './plugins.ts'
import { addedToServer, describeOpenServer } from './open-server.ts'
import type { IniEntry, IniSection } from './read-ini.ts'
import { NO_TAKEOVER, type TakenKey, takenId, type Takeover, takeOver } from './takeover.ts'
import { convertValue } from './values.ts'

const DEFAULT = 'DEFAULT'

/** Reads supervisord.conf with its includes. Throws ConfigError with all errors. */
export function convertSupervisord(path: string, machine: Machine, options: ConvertOptions = {}): Conversion {
  const source = readSource(path, machine, options.text)
  if (hasErrors(source.diagnostics)) throw new ConfigError(source.diagnostics)
  if (options.forClients !== true) return new Converter(source, options).convert()
  const sections = source.sections.filter(({ name }) => name === DEFAULT || name === 'include' || isForClients(name))
  return new Converter({ ...source, sections, lines: [] }, options).convert()
}

class Converter {
  readonly #source: Source
  readonly #options: ConvertOptions
  readonly #here: Here
  readonly #mappings: ReadonlyMap<string, SectionMapping>
  readonly #defaults: readonly IniEntry[]
  /** Those of them that some section of the file knows. */
  readonly #usableDefaults: ReadonlySet<IniEntry>
  readonly #diagnostics: Diagnostic[]
  readonly #ledger = new Ledger()
  readonly #takeover: Takeover
  /** Comments of sections that became no table: they are put above the next one. */
  readonly #carried: Comment[] = []

  constructor(source: Source, options: ConvertOptions) {
    this.#source = source
    this.#options = options
    const find = (name: string): IniSection | undefined => source.sections.find((section) => section.name === name)
    this.#mappings = mapSections(source.sections)
    this.#here = { file: source.file, hasInclude: find('include') !== undefined }
    this.#defaults = [...(find(DEFAULT)?.entries.values() ?? [])]
    this.#usableDefaults = new Set(this.#defaults.filter(knownBySome(this.#mappings.values())))
    // supervisord itself runs its plug-ins, so they are not replaced.
    this.#takeover = options.complete === true ? NO_TAKEOVER : takeOver(source.sections)
    this.#diagnostics = [...source.diagnostics, ...this.#takeover.diagnostics]
  }

  convert(): Conversion {
    const { sections, file, files, trailingComments } = this.#source
    const isFragment = !sections.some(({ name }) => name === 'supervisord')
    const isLost = this.#options.complete === true || this.#mappings.size === 0
    if (isFragment) this.#diagnostics.push(describeFragment(file, isLost))
    const tables = sections.flatMap((section) => this.#convertSection(section))
    if (hasErrors(this.#diagnostics)) throw new ConfigError(this.#diagnostics)
    const footer = tidy(apart(this.#carried, trailingComments), { top: true, end: true })
    const document: Document = { file, here: dirname(file), tables, footer }
    const lines = this.#ledger.lines(this.#source.lines)
    return { document, diagnostics: this.#diagnostics, ledger: this.#ledger.entries, lines, files, isFragment }
  }

  #convertSection(section: IniSection): Table[] {
    if (section.name === DEFAULT) return this.#convertDefaults(section)
    if (section.name === 'include') return this.#convertInclude(section)
    const mapping = this.#mappings.get(section.name)
    const taken = this.#takeover.sections.get(section.name)
    if (taken !== undefined) return this.#leaveOut(section, describeTaken(section, taken))
    if (mapping === undefined) return this.#leaveOut(section, describeUnmapped(section))
    if (mapping.name === '' && mapping.title.includes(':')) this.#diagnostics.push(describeNameless(section))
    const { entries, left } = this.#convertEntries(section, mapping)
    // Added entries come last; comments below the last key stay above them.
    const below = tidy([...left, ...section.after], { top: entries.length === 0, end: true })
    append(entries, this.#inherit(section, mapping, below))
    append(entries, this.#spellDefaults(section, mapping, entries, below))
    const table: Table = {
      kind: mapping.kind,
      name: mapping.name,
      place: section.place,
      comments: tidy(apart(this.#carried.splice(0), section.comments), { top: true }),
      remark: section.remark,
      entries,
      after: below,
    }
    this.#ledger.settle(section.name, '', { fate: 'renamed', to: tableName(table), written: table })
    const listener = mapping.kind === 'event_listeners' ? describeListener(section) : undefined
    if (listener !== undefined) this.#diagnostics.push(listener)
    return [table]
  }

  /**
   * The entries of a section. Keys that supervisord ignores become comments above the next entry, or are given as
   * `left`.
   */
  #convertEntries(section: IniSection, mapping: SectionMapping): { entries: Entry[]; left: Comment[] } {
    const entries: Entry[] = []
    const left: Comment[] = []
    const takeLeft = (): Comment[] => tidy(left.splice(0), { top: entries.length === 0 })
    for (const entry of section.entries.values()) {
      append(left, entry.comments)
      const taken = this.#takeover.keys.get(takenId(section.name, entry.key))
      const key = findKey(mapping, entry.key)
      if (taken !== undefined) {
        const comments = takeLeft()
        const written = this.#takeKey(section, mapping, { ...entry, comments }, taken)
        if (written === undefined) append(left, [...comments, ...commentsOf({ ...entry, comments: [] })])
        else entries.push(written)
      } else if (key === undefined) append(left, this.#dropKey(section, mapping, entry))
      else append(entries, this.#convertEntry(section, mapping, { ...entry, comments: takeLeft() }, key))
    }
    return { entries, left }
  }

  /** A key that belongs to a plug-in; undefined when nothing is written for it. */
  #takeKey(
    section: IniSection,
    mapping: SectionMapping,
    entry: IniEntry,
    { entry: own, note }: TakenKey,
  ): Entry | undefined {
    const { key, place, comments, remark } = entry
    const written = own && { ...own, place, comments, remark }
    const to = own === undefined ? '' : `${tableName(mapping)}.${own.key}`
    const fate = own === undefined ? 'replaced' : own.key === key ? 'changed' : 'renamed'
    this.#ledger.record(section.name, key, place, { fate, to, note })
    this.#ledger.settle(section.name, key, { fate, to, written, note })
    return written
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
      if (name === 'command') append(this.#diagnostics, describeShellSigns(entry, raw))
      const fate = name !== key ? 'renamed' : String(value) === entry.value ? 'kept' : 'changed'
      const to = `${tableName(mapping)}.${name}`
      this.#ledger.record(section.name, key, place, { fate, to })
      this.#ledger.settle(origin, key, { fate: origin === DEFAULT ? 'replaced' : fate, to, written })
      return [written]
    } catch (error) {
      if (!(error instanceof ValueError)) throw error
      const message = `Cannot read "${key}" as ${row.type.name}: ${messageWithoutSecrets(key, error.message)}`
      this.#diagnostics.push({ severity: 'error', message, place })
      return []
    }
  }

  #dropKey(section: IniSection, mapping: SectionMapping, entry: IniEntry): Comment[] {
    this.#diagnostics.push(describeIgnored(section.name, mapping, entry))
    return this.#drop(section, entry, 'supervisord ignores it', 'not converted: ')
  }

  /** A dropped entry, as a comment. */
  #drop(section: IniSection, entry: IniEntry, note: string, prefix = ''): Comment[] {
    const comments = entryAsComment(entry, prefix)
    const outcome = { fate: 'dropped', to: '', written: comments[0], note } as const
    if (prefix !== '') this.#ledger.record(section.name, entry.key, entry.place, outcome)
    this.#ledger.settle(section.name, entry.key, outcome)
    return comments
  }

  /** [DEFAULT] becomes no table: its keys are written into the tables that do not set them. */
  #convertDefaults(section: IniSection): Table[] {
    this.#ledger.settle(DEFAULT, '', { fate: 'replaced', to: '', note: 'its keys are in the tables that use them' })
    const comments = this.#defaults.flatMap((entry) => {
      const isFiles = entry.key === 'files' && this.#here.hasInclude
      if (isFiles) this.#ledger.settle(DEFAULT, entry.key, { fate: 'replaced', to: '', note: 'the files are read' })
      const isTaken =
        isFiles ||
        (this.#usableDefaults.has(entry) &&
          this.#source.sections.some((other) => takes(other, this.#mappings.get(other.name), entry.key)))
      return isTaken
        ? commentsOf(entry)
        : [
            ...entry.comments,
            ...this.#drop(section, entry, 'no section uses it', `not converted from [${section.name}]: `),
          ]
    })
    this.#carry([...commentsOf(section), ...comments, ...section.after])
    return []
  }

  /** Keys of [DEFAULT] apply to every section that does not set them. The first such section gets the comments. */
  #inherit(section: IniSection, mapping: SectionMapping, comments: Comment[]): Entry[] {
    return [...this.#usableDefaults].flatMap((entry) => {
      const key = takes(section, mapping, entry.key) ? findKey(mapping, entry.key) : undefined
      if (key === undefined) return []
      const copy = { ...entry, comments: comments.splice(0), remark: 'from [DEFAULT]' }
      return this.#convertEntry(section, mapping, copy, key, DEFAULT)
    })
  }

  #convertInclude(section: IniSection): Table[] {
    const number = this.#source.files.length - 1
    const note = `${number} ${number === 1 ? 'file' : 'files'}, the content is in the TOML`
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
    const block = tidy(comments, { top: true, end: true })
    append(this.#carried, apart(this.#carried.slice(-1), block).slice(this.#carried.length === 0 ? 0 : 1))
  }

  /** Writes the defaults of supervisord where kahi's differ. The first entry gets the comments. */
  #spellDefaults(
    section: IniSection,
    mapping: SectionMapping,
    entries: readonly Entry[],
    comments: Comment[],
  ): Entry[] {
    const isOn = (key: string): boolean => entries.some((entry) => entry.key === key && entry.value === true)
    const { place } = section
    const spelled = Object.entries(this.#takeover.added.get(section.name) ?? {}).map(([key, value]): Entry => {
      this.#ledger.record(section.name, key, place, {
        fate: 'defaulted',
        to: `${tableName(mapping)}.${key}`,
        note: 'a plug-in does that',
      })
      return { key, value, place, comments: comments.splice(0) }
    })
    const has = (key: string): boolean => [...entries, ...spelled].some((entry) => entry.key === key)
    for (const [key, row] of Object.entries(mapping.keys)) {
      if (row.supervisordDefault === undefined || has(key) || (key === 'stderr_logfile' && isOn('redirect_stderr')))
        continue
      spelled.push({ key, value: row.supervisordDefault, place, comments: comments.splice(0) })
      const note = `supervisord's default is ${row.supervisordDefault}`
      this.#ledger.record(section.name, key, place, { fate: 'defaulted', to: `${tableName(mapping)}.${key}`, note })
    }
    append(spelled, addedToServer(section, mapping, entries))
    append(this.#diagnostics, describeOpenServer(section, mapping, entries))
    if (mapping.kind === 'groups' && !has('programs')) spelled.push({ key: 'programs', value: [], place })
    return spelled
  }

  /** A section without counterpart becomes a comment; nothing is written when kahi does its work. */
  #leaveOut(section: IniSection, { replaced, ...diagnostic }: ReturnType<typeof describeUnmapped>): Table[] {
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
