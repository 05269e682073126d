// supervisord.conf → Document: sections in their order become tables, keys in their order entries, each
// with its place in the old file. What has no counterpart stays as a comment, and the ledger says of
// every key and section what became of it.

import { basename, dirname, relative, resolve as resolvePath } from 'node:path'
import type { Machine } from '../../config/config.ts'
import { ConfigError, type Diagnostic, hasErrors, type Place } from '../../config/diagnostic.ts'
import type { Document, Entry, Table, Value } from '../../config/document.ts'
import { escapeAll, expand } from '../../config/expand.ts'
import { type Key, supervisordName } from '../../config/key.ts'
import { nearest } from '../../config/nearest.ts'
import { ValueError } from '../../config/values.ts'
import type { Conversion, ConvertOptions, LedgerEntry } from '../format.ts'
import { readSource, type Source } from './include.ts'
import { describeUnmapped, mapSection, type SectionMapping } from './mapping.ts'
import type { IniEntry, IniSection } from './read-ini.ts'
import { convertValue } from './values.ts'

const MAIN_INTERFACE = 'supervisor.rpcinterface:make_main_rpcinterface'

/** Reads supervisord.conf with its includes. Throws ConfigError with every error found. */
export function convertSupervisord(path: string, machine: Machine, options: ConvertOptions = {}): Conversion {
  const source = readSource(path, machine)
  if (hasErrors(source.diagnostics)) throw new ConfigError(source.diagnostics)
  return new Converter(source, options).convert()
}

class Converter {
  readonly #source: Source
  readonly #options: ConvertOptions
  readonly #here: string
  readonly #defaults: IniSection | undefined
  readonly #hasInclude: boolean
  readonly #diagnostics: Diagnostic[]
  readonly #ledger: LedgerEntry[] = []
  readonly #leftOver: string[] = []

  constructor(source: Source, options: ConvertOptions) {
    this.#source = source
    this.#options = options
    this.#here = dirname(source.file)
    this.#defaults = source.sections.find(({ name }) => name === 'DEFAULT')
    this.#hasInclude = source.sections.some(({ name }) => name === 'include')
    this.#diagnostics = [...source.diagnostics]
  }

  convert(): Conversion {
    const { sections, file, files } = this.#source
    const isFragment = !sections.some(({ name }) => name === 'supervisord')
    if (isFragment) this.#checkFragment()
    const tables = sections.flatMap((section) => this.#convertSection(section))
    if (hasErrors(this.#diagnostics)) throw new ConfigError(this.#diagnostics)
    const footer = [...this.#leftOver, ...this.#source.trailingComments]
    const document: Document = { file, here: this.#here, tables, footer }
    return { document, diagnostics: this.#diagnostics, ledger: this.#ledger, files, isFragment }
  }

  #checkFragment(): void {
    const { file, sections } = this.#source
    const place = { file, line: 1, column: 1 }
    if (this.#options.complete || !sections.some(({ name }) => mapSection(name) !== undefined)) {
      const message = 'There is no [supervisord] section'
      this.#diagnostics.push({
        severity: 'error',
        message,
        place,
        hint: 'is it a file for the [include] of another one?',
      })
    } else {
      const message = 'This is a fragment: it has no [supervisord] section, so supervisord alone would refuse it'
      this.#diagnostics.push({
        severity: 'note',
        message,
        place,
        hint: 'convert the main file that includes it to get everything',
      })
    }
  }

  #convertSection(section: IniSection): Table[] {
    if (section.name === 'DEFAULT') return []
    if (section.name === 'include') return this.#convertInclude(section)
    const mapping = mapSection(section.name)
    if (mapping === undefined) return this.#leaveOut(section)
    const written = [...section.entries.values()].flatMap((entry) => this.#convertEntry(section, mapping, entry))
    const inherited = this.#inherit(section, mapping)
    const entries = [...written, ...inherited]
    entries.push(...this.#spellDefaults(section, mapping, entries))
    return [{ kind: mapping.kind, name: mapping.name, place: section.place, comments: section.comments, entries }]
  }

  #convertInclude(section: IniSection): Table[] {
    const note = `${this.#source.files.length - 1} files, their content stands in the TOML`
    this.#record(section, '', 'replaced', '', section.place, note)
    this.#leftOver.push(...section.comments)
    return []
  }

  /** Keys of [DEFAULT] hold in every section that does not set them. */
  #inherit(section: IniSection, mapping: SectionMapping): Entry[] {
    const missing = [...(this.#defaults?.entries.values() ?? [])].filter(
      ({ key }) => !section.entries.has(key) && this.#findKey(mapping, key) !== undefined,
    )
    return missing.flatMap((entry) =>
      this.#convertEntry(section, mapping, { ...entry, comments: [], remark: 'from [DEFAULT]' }),
    )
  }

  #findKey(mapping: SectionMapping, key: string): readonly [string, Key<unknown>] | undefined {
    return Object.entries(mapping.keys).find(([name, row]) => supervisordName(name, row) === key)
  }

  #convertEntry(section: IniSection, mapping: SectionMapping, entry: IniEntry): Entry[] {
    const found = this.#findKey(mapping, entry.key)
    if (found === undefined) return this.#dropKey(section, mapping, entry)
    const [name, row] = found
    const reading = { names: {}, allowed: this.#allowed(mapping, entry), twice: mapping.twice.includes(name) }
    try {
      const raw = this.#placeHere(entry, reading.allowed)
      const value = convertValue(raw, row, reading)
      const fate = name !== entry.key ? 'renamed' : value === entry.value ? 'kept' : 'changed'
      this.#record(section, entry.key, fate, name, entry.place)
      const { place, comments, remark } = entry
      return [{ key: name, value: this.#finish(value), place, comments, remark }]
    } catch (error) {
      if (!(error instanceof ValueError)) throw error
      const message = `Cannot read "${entry.key}" as ${row.type.name}: ${error.message}`
      this.#diagnostics.push({ severity: 'error', message, place: entry.place })
      return []
    }
  }

  #allowed(mapping: SectionMapping, entry: IniEntry): readonly string[] | undefined {
    const allowed = mapping.allowed(entry.key)
    return allowed !== undefined && this.#hasInclude ? [...allowed, 'here'] : allowed
  }

  #dropKey(section: IniSection, mapping: SectionMapping, entry: IniEntry): Entry[] {
    const names = Object.entries(mapping.keys).flatMap(([name, row]) => supervisordName(name, row) ?? [])
    const close = nearest(entry.key, names)
    const message = `"${entry.key}" in [${section.name}] is a key that supervisord ignores`
    this.#diagnostics.push({
      severity: 'warning',
      message,
      place: entry.place,
      hint: close === undefined ? undefined : `was "${close}" meant?`,
    })
    this.#record(section, entry.key, 'dropped', '', entry.place, 'supervisord ignores it')
    this.#leftOver.push(...entry.comments, ...commentedOut(section.name, [entry]))
    return []
  }

  /** With an [include], the text `%(here)s` is replaced before anything else, by the directory of the file it stands in. */
  #placeHere(entry: IniEntry, allowed: readonly string[] | undefined): string {
    const directory = dirname(resolvePath(entry.place.file))
    const isMain = resolvePath(entry.place.file) === this.#source.file
    if (!this.#hasInclude || isMain || allowed?.includes('here') === false) return entry.value
    const inside = relative(this.#here, directory)
    const place = inside.startsWith('..')
      ? escapeAll(directory)
      : `%(here)s${inside === '' ? '' : `/${escapeAll(inside)}`}`
    return entry.value.replaceAll('%(here)s', () => place)
  }

  /** Where the TOML may not lie beside the source, `%(here)s` becomes the source's directory. */
  #finish(value: Value): Value {
    if (this.#options.absoluteHere !== true) return value
    if (Array.isArray(value)) return value.map((item) => this.#finish(item))
    if (typeof value === 'object')
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#finish(item)]))
    if (typeof value !== 'string') return value
    return value.replaceAll(/%%|%\(here\)[#0\- +]*\d*(?:\.\d+)?[srac]/g, (match) =>
      match === '%%' ? match : escapeAll(expand(match, { here: this.#here })),
    )
  }

  /** Where kahi does something else without a key, what supervisord does is written out. */
  #spellDefaults(section: IniSection, mapping: SectionMapping, entries: readonly Entry[]): Entry[] {
    const has = (key: string): boolean => entries.some((entry) => entry.key === key)
    const isOn = (key: string): boolean => entries.some((entry) => entry.key === key && entry.value === true)
    const { place } = section
    const spelled: Entry[] = []
    for (const [key, row] of Object.entries(mapping.keys)) {
      if (row.supervisordDefault === undefined || has(key) || (key === 'stderr_logfile' && isOn('redirect_stderr')))
        continue
      spelled.push({ key, value: row.supervisordDefault, place })
      this.#record(section, key, 'defaulted', key, place, `supervisord's default is ${row.supervisordDefault}`)
    }
    if (mapping.kind === 'server.http') spelled.push({ key: 'enabled', value: true, place })
    if (mapping.kind === 'groups' && !has('programs')) spelled.push({ key: 'programs', value: [], place })
    return spelled
  }

  #leaveOut(section: IniSection): Table[] {
    const isMain = section.entries.get('supervisor.rpcinterface_factory')?.value === MAIN_INTERFACE
    const { message, hint, replaced } = describeUnmapped(section.name, isMain)
    this.#diagnostics.push({ severity: replaced ? 'note' : 'warning', message, hint, place: section.place })
    this.#record(section, '', replaced ? 'replaced' : 'dropped', '', section.place, message)
    const comments = [...section.comments, ...[...section.entries.values()].flatMap((entry) => entry.comments)]
    this.#leftOver.push(...comments)
    if (!replaced) this.#leftOver.push(...commentedOut(section.name, [...section.entries.values()]))
    return []
  }

  #record(section: IniSection, key: string, fate: LedgerEntry['fate'], to: string, place: Place, note?: string): void {
    const mapping = mapSection(section.name)
    const table = mapping === undefined ? '' : mapping.name === '' ? mapping.kind : `${mapping.kind}.${mapping.name}`
    this.#ledger.push({ place, section: section.name, key, fate, to: to === '' ? '' : `${table}.${to}`, note })
  }
}

function commentedOut(section: string, entries: readonly IniEntry[]): string[] {
  const lines = entries.flatMap(({ key, value }) =>
    `${key} = ${value}`.split('\n').map((line, index) => (index === 0 ? line : `  ${line}`)),
  )
  return [`not converted from ${basename(entries[0]?.place.file ?? '')}:`, `[${section}]`, ...lines]
}
