// Converts one definition to one table: its files in the order of the key tables, defaults of s6 that differ from
// kahi's, and for each file what became of it.

import { join } from 'node:path'
import { type Comment, type Entry, type Table, tableName } from '../../config/keys/document.ts'
import type { TableKind } from '../../config/keys/tables.ts'
import type { Value } from '../../config/model/value.ts'
import { escapeAll } from '../../config/values/expand.ts'
import { oneshotKeys } from '../../config/keys/oneshot.ts'
import { programKeys } from '../../config/keys/program.ts'
import { writeValue } from '../../config/toml/write.ts'
import type { Definition, Name, ServiceType, TextFile } from './definition.ts'
import { argvOf } from '../execline/lexer.ts'
import { type Ledger, linesOf, type Outcome } from './ledger.ts'
import { elsewhere, fileRows, hasKey, ignored, longrunDefaults } from './mapping.ts'
import { WORKING_DIRECTORY } from './overlay-places.ts'
import { inlineArgv, isExecutable, namedScript, shebangOf } from './scripts.ts'
import { callsTools } from './tools.ts'
import type { TranslatedDefinition } from './translate.ts'

/** What all definitions have in common. */
export interface Surroundings {
  readonly ledger: Ledger
  /** All definitions of the tree. */
  readonly definitions: readonly Definition[]
  /** Names of services that are essential, by themselves or through a bundle. */
  readonly essential: ReadonlySet<string>
  /** Whether scripts are written into the TOML. */
  readonly isInline: boolean
  readonly isOverlay: boolean
  /** The key for the directory of a definition: service_files when there is a scan_directory. */
  readonly home: 'directory' | 'service_files'
  /** The directory of their service directories, if that is not the scan directory. */
  readonly servicedirs?: string | undefined
  /** The translated scripts (--translate), by name of the definition. */
  readonly translated: ReadonlyMap<string, TranslatedDefinition>
  /** The path of a file of the tree when it is run; `name` is its name in the tree. */
  at(path: string, name: string): string
}

const KINDS: Readonly<Record<ServiceType, TableKind>> = { longrun: 'programs', oneshot: 'oneshots', bundle: 'bundles' }

/** The table of a definition. All its files are recorded in the ledger of the surroundings. */
export function convertDefinition(definition: Definition, surroundings: Surroundings): Table {
  return new DefinitionConverter(definition, surroundings).convert()
}

/** The value, with everything escaped that an expansion would change. */
export function escapeValue(value: Value): Value {
  if (typeof value === 'string') return escapeAll(value)
  if (Array.isArray(value)) return value.map(escapeValue)
  if (typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escapeValue(item)]))
}

class DefinitionConverter {
  readonly #definition: Definition
  readonly #around: Surroundings
  readonly #title: Pick<Table, 'kind' | 'name'>
  readonly #entries: Entry[] = []
  readonly #left: Comment[] = []
  readonly #outcomes = new Map<string, Outcome>()
  readonly #translated: TranslatedDefinition | undefined

  constructor(definition: Definition, surroundings: Surroundings) {
    this.#definition = definition
    this.#around = surroundings
    this.#title = { kind: KINDS[definition.type], name: definition.name }
    this.#translated = surroundings.translated.get(definition.name)
  }

  convert(): Table {
    const { type, dependencies, contents, place } = this.#definition
    if (type === 'bundle') this.#addNames('contents', 'contents', contents)
    else this.#addNames('dependencies', 'depends_on', dependencies)
    if (type === 'longrun') this.#addLongrun()
    if (type === 'oneshot') this.#addOneshot()
    for (const row of fileRows[type]) {
      if (!this.#definition.nodes.has(row.file)) continue
      const value = row.value(this.#definition)
      if (value !== undefined) this.#add(row.file, row.key, value)
      else this.#outcomes.set(row.file, { fate: 'replaced', to: '', note: row.otherwise })
    }
    this.#addEssential()
    for (const [key, value] of Object.entries<Value>({ ...this.#translated?.keys })) this.#addKey(key, value)
    const table: Table = { ...this.#title, place, entries: this.#sorted(), after: this.#left }
    this.#settle(table)
    return table
  }

  /** Adds the value of a file. A key that does not exist yet becomes a comment. */
  #add(
    file: string,
    key: string,
    said: Value,
    { comments, fate }: Partial<Pick<Outcome, 'comments' | 'fate'>> = {},
  ): void {
    const { nodes, texts, place, type } = this.#definition
    const from = { file: texts.get(file)?.path ?? nodes.get(file)?.path ?? place.file, line: 1, column: 1 }
    const value = escapeValue(said)
    if (!hasKey(type, key)) {
      const written = { text: `not converted yet: ${key} = ${writeValue(value)}`.replaceAll('\n', '\\n'), place: from }
      this.#left.push(written)
      this.#outcomes.set(file, { fate: 'dropped', to: '', written, note: `kahi has no ${key} yet` })
      return
    }
    const above = [...(comments?.values() ?? [])]
    const entry: Entry = { key, value, place: from, ...(above.length === 0 ? {} : { comments: above }) }
    this.#entries.push(entry)
    const usual = key === file ? 'kept' : 'renamed'
    this.#outcomes.set(file, { fate: fate ?? usual, to: this.#path(key), written: entry, comments })
  }

  /** Adds what an execline command at the beginning of a script sets. */
  #addKey(key: string, value: Value): void {
    const main = this.#definition.type === 'longrun' ? 'run' : 'up'
    const place = { file: this.#definition.texts.get(main)?.path ?? '', line: 1, column: 1 }
    this.#entries.push({ key, value: escapeValue(value), place })
    const note = 'set by the commands at the beginning of the script'
    const entry = {
      place,
      section: this.#definition.name,
      key: main,
      fate: 'changed',
      to: this.#path(key),
      note,
    } as const
    this.#around.ledger.entries.push(entry)
  }

  #spell(key: string, value: Value, note: string): void {
    if (!hasKey(this.#definition.type, key)) return
    this.#entries.push({ key, value: escapeValue(value), place: this.#definition.place })
    this.#around.ledger.spell(this.#definition, { fate: 'defaulted', to: this.#path(key), note })
  }

  #path(key: string): string {
    return `${tableName(this.#title)}.${key}`
  }

  /** Adds a list of names, from a file or from the entries of a directory. */
  #addNames(file: string, key: string, names: readonly Name[]): void {
    const { nodes, texts, type } = this.#definition
    const isFolder = nodes.has(`${file}.d`)
    const list = isFolder ? undefined : texts.get(file)
    if (names.length === 0 && type !== 'bundle' && list === undefined && !isFolder) return
    const values = [...new Set(names.map(({ name }) => name))]
    const comments = list === undefined ? undefined : commentsIn(list.text, list.path)
    this.#add(file, key, values, { comments })
    const outcome = this.#outcomes.get(file)
    if (list !== undefined || outcome === undefined) return
    this.#outcomes.delete(file)
    const members = isFolder ? [`${file}.d`, ...[...texts.keys()].filter((one) => one.startsWith(`${file}.d/`))] : []
    for (const name of members) this.#outcomes.set(name, outcome)
    if (isFolder && nodes.has(file)) {
      const note = `${file}.d exists, so s6-rc does not read it`
      this.#drop(file, note)
    }
  }

  /** s6 runs scripts in the directory of the service, with the name of the service as argument. */
  #addLongrun(): void {
    const { directory, name } = this.#definition
    const { at, isInline } = this.#around
    this.#addScript('run', 'command', [name])
    this.#addScript('finish', 'finish', [])
    if (this.#translated?.keys.directory !== undefined) return this.#spellDefaults()
    const needsFiles =
      ['data', 'env', 'template'].some((one) => this.#definition.nodes.has(one)) || callsTools(this.#definition)
    const { servicedirs, home } = this.#around
    if (servicedirs !== undefined && home === 'service_files')
      this.#spell('service_directory', join(servicedirs, name), 's6-overlay keeps it there')
    if (!isInline || needsFiles) this.#spell(this.#around.home, at(directory, name), 's6 runs it in its own directory')
    this.#spellDefaults()
  }

  #addOneshot(): void {
    for (const file of ['up', 'down']) this.#addLine(file)
    const runs = this.#entries.some(({ key, value }) => ['up', 'down'].includes(key) && value !== '')
    if (runs && this.#around.isOverlay && this.#translated?.keys.directory === undefined)
      this.#spell('directory', WORKING_DIRECTORY, 's6-overlay does not run it in the directory of the daemon')
  }

  #spellDefaults(): void {
    for (const { key, value, note, unless } of longrunDefaults)
      if (unless === undefined || !this.#definition.nodes.has(unless)) this.#spell(key, value, note)
  }

  #addScript(file: string, key: string, behind: readonly string[]): void {
    const script = this.#definition.texts.get(file)
    if (script === undefined || this.#addTranslated(file, key, script.path)) return
    const path = this.#around.at(script.path, `${this.#definition.name}/${file}`)
    const shebang = shebangOf(script.text)
    const byName = isExecutable(script) || shebang === undefined ? [path] : [...shebang, path]
    this.#add(file, key, [...(this.#inline(script, path) ?? byName), ...behind], { fate: 'changed' })
  }

  #inline(script: TextFile | undefined, path: string): readonly string[] | undefined {
    const shebang = shebangOf(script?.text ?? '')
    if (!this.#around.isInline || script === undefined || shebang === undefined) return undefined
    return inlineArgv(script.text, shebang, path)
  }

  #addTranslated(file: string, key: string, path: string): boolean {
    const found = this.#translated?.scripts.get(file)
    if (found === undefined) return false
    const comments = [...found.comments].map(([line, text]): readonly [number, Comment] => [
      line,
      { text, place: { file: path, line, column: 1 } },
    ])
    this.#add(file, key, found.argv, { fate: 'changed', comments: new Map(comments) })
    return true
  }

  /**
   * `up` and `down` are command lines of execline. Without blocks they become words; otherwise execline runs the file.
   */
  #addLine(file: string): void {
    const { name, texts, scripts, isPlaceholder } = this.#definition
    if (isPlaceholder && file === 'up') this.#entries.push({ key: 'up', value: '', place: this.#definition.place })
    const [words, script] = [scripts.get(file), texts.get(file)]
    if (words === undefined || script === undefined || this.#addTranslated(file, file, script.path)) return
    const hasBlocks = words.some(({ level, isEnd }) => level > 0 || isEnd)
    const execlineb = [this.#around.isOverlay ? '/command/execlineb' : 'execlineb', '-P']
    const referenced = this.#around.isInline
      ? [...execlineb, '-c', script.text]
      : [...execlineb, this.#around.at(script.path, `${name}/${file}`)]
    if (words.length === 0 && file === 'down') {
      this.#outcomes.set(file, { fate: 'replaced', to: '', note: 'it does nothing' })
      return
    }
    const named = this.#inline(namedScript(words, this.#around.definitions), words[0]?.text ?? '')
    const argv = hasBlocks ? referenced : words.length === 0 ? '' : (named ?? argvOf(words))
    const comments = hasBlocks ? undefined : commentsIn(script.text, script.path)
    this.#add(file, file, argv, { fate: 'changed', comments })
  }

  /** An essential bundle makes all its contents essential. */
  #addEssential(): void {
    const { type, name, nodes } = this.#definition
    if (type === 'bundle' && nodes.has('flag-essential') && !hasKey('longrun', 'essential'))
      this.#drop('flag-essential', 'kahi has no essential yet')
    else if (type === 'bundle' && nodes.has('flag-essential'))
      this.#outcomes.set('flag-essential', { fate: 'replaced', to: '', note: 'essential of all its contents' })
    if (type !== 'bundle' && this.#around.essential.has(name) && !nodes.has('flag-essential'))
      this.#spell('essential', true, 'a bundle that contains it is essential')
  }

  #sorted(): readonly Entry[] {
    const order = Object.keys(this.#definition.type === 'longrun' ? programKeys : oneshotKeys)
    return this.#entries.toSorted((a, b) => order.indexOf(a.key) - order.indexOf(b.key))
  }

  #drop(file: string, note: string): void {
    const path = this.#definition.nodes.get(file)?.path ?? this.#definition.directory
    const written = { text: `not converted: ${file} (${note})`, place: { file: path, line: 1, column: 1 } }
    this.#left.push(written)
    this.#outcomes.set(file, { fate: 'dropped', to: '', written, note })
  }

  /** Records every file in the ledger. */
  #settle(table: Table): void {
    const { nodes, texts, type } = this.#definition
    const { ledger } = this.#around
    const names = [...new Set([...nodes.keys(), ...texts.keys()])].sort()
    for (const name of names.filter((one) => !this.#outcomes.has(one))) {
      const note = ignored[type][name]
      if (note !== undefined) this.#drop(name, note)
    }
    for (const name of names) {
      const stays = elsewhere[name] ?? 's6-rc does not read it; it stays where it is'
      const otherwise: Outcome =
        name === 'type'
          ? { fate: 'renamed', to: tableName(table), written: table }
          : { fate: 'kept', to: '', note: stays }
      ledger.settle(this.#definition, name, this.#outcomes.get(name) ?? otherwise)
    }
  }
}

/** The comment lines; empty lines between them are left out. */
function commentsIn(text: string, file: string): ReadonlyMap<number, Comment> | undefined {
  const found = linesOf(text).flatMap((line, index) => {
    const words = /^\s*#!?\s?(.*)$/.exec(line)?.[1]
    return words === undefined
      ? []
      : [[index + 1, { text: words, place: { file, line: index + 1, column: 1 } }] as const]
  })
  return found.length === 0 ? undefined : new Map(found)
}
