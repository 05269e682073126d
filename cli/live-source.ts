// The current configuration of a daemon: its file, and the programs that were added while it runs. Those are service
// directories in scan_directory, and programs that clients have added; the latter are kept in a file beside the control
// socket.

import { existsSync } from 'node:fs'
import type { Machine } from '../config/model/machine.ts'
import type { Config, ConfigSource, Loaded, Resolved } from '../config/settings/config.ts'
import type { SupervisorSettings } from '../config/settings/supervisor.ts'
import { ConfigError, type Diagnostic, hasErrors } from '../config/model/diagnostic.ts'
import type { Document, Entry, Table } from '../config/keys/document.ts'
import type { Value } from '../config/model/value.ts'
import { type DynamicPrograms, FIRST_AMONG_EQUALS } from '../config/model/dynamic.ts'
import { escapeAll } from '../config/values/expand.ts'
import { inherit } from '../config/resolve/inherit.ts'
import { resolveDocument } from '../config/resolve/resolve.ts'
import type { Scales } from './scaled-programs.ts'
import type { ScannedServices } from '../converter/s6-rc/service-directories.ts'

/** A configuration as it was read. */
export interface Read {
  readonly document: Document
  readonly diagnostics: readonly Diagnostic[]
}

/** What a live source needs. */
export interface LiveOptions {
  /** Reads the file. Throws ConfigError. */
  readonly read: () => Read | Promise<Read>
  readonly machine: () => Machine
  /** The socket of the daemon when its file has no unix socket. */
  readonly defaultSocket: string
}

/** A configuration source that knows the programs which were added while the daemon runs. */
export class LiveSource implements ConfigSource, DynamicPrograms {
  readonly #options: LiveOptions
  /**
   * The file of added programs. It is beside the socket that the daemon had at its start; no other daemon has that
   * socket.
   */
  #file: string | undefined
  #last: Promise<unknown> = Promise.resolve()
  /** Whether the file had tables when it was last read. */
  #hadTables = false

  constructor(options: LiveOptions) {
    this.#options = options
  }

  get dynamic(): DynamicPrograms {
    return this
  }

  load(): Promise<Loaded> {
    return this.#load()
  }

  put(name: string, text: string): Promise<void> {
    return this.#oneAtATime(async () => {
      const { programFromJson, writeAdded } = await import('./added-programs.ts')
      const others = (await this.#added()).filter((table) => table.name !== name)
      const all = [...others, programFromJson(name, text)]
      await this.#load(all)
      writeAdded(this.#file ?? '', all)
    })
  }

  remove(name: string): Promise<boolean> {
    return this.#oneAtATime(async () => {
      const { writeAdded } = await import('./added-programs.ts')
      const all = await this.#added()
      const others = all.filter((table) => table.name !== name)
      if (others.length < all.length) writeAdded(this.#file ?? '', others)
      return others.length < all.length
    })
  }

  scale(name: string, numprocs: number): Promise<boolean> {
    return this.#oneAtATime(async () => {
      const { readScales, withScale, writeScales } = await import('./scaled-programs.ts')
      const { tables } = await this.#load(undefined, {})
      const wanted = withScale(readScales(this.#scaleFile, tables), tables, name, numprocs)
      if (wanted === undefined) return false
      await this.#load(undefined, wanted)
      writeScales(this.#scaleFile, wanted)
      return true
    })
  }

  settle(): Promise<void> {
    return this.#oneAtATime(async () => {
      if (!existsSync(this.#scaleFile)) return
      const { readScales, writeScales } = await import('./scaled-programs.ts')
      const { tables } = await this.#load(undefined, {})
      writeScales(this.#scaleFile, readScales(this.#scaleFile, tables))
    })
  }

  /** Beside the file of added programs. */
  get #scaleFile(): string {
    return (this.#file ?? '').replace(/\.programs\.toml$/, '.scale.json')
  }

  /**
   * `wanted` replaces the programs that clients have added so far, `wantedScales` the numbers of processes that they
   * have set.
   */
  async #load(wanted?: readonly Table[], wantedScales?: Scales): Promise<Resolved> {
    const { read, machine: ask, defaultSocket } = this.#options
    const { document, diagnostics } = await read()
    if (this.#hadTables && document.tables.length === 0) throw new ConfigError([describeEmpty(document)])
    const machine = ask()
    const fixed = resolveDocument(document, machine)
    this.#file ??= `${socketOf(fixed.config) ?? defaultSocket}.programs.toml`
    const own = new Set(document.tables.map(({ name }) => name))
    const all = wanted ?? (await this.#added())
    const doubles = all.filter(({ name }) => own.has(name)).map((table) => describeDouble(table, wanted !== undefined))
    if (hasErrors(doubles)) throw new ConfigError(doubles)
    const added = all.filter(({ name }) => !own.has(name))
    const scanned = await readScanned({ ...document, tables: [...document.tables, ...added] }, fixed.config, machine)
    const more = [...added, ...scanned.services.flat()]
    const whole = { ...document, tables: [...document.tables, ...more] }
    const scaled = await this.#scaled(whole, wantedScales)
    const isFixed = more.length === 0 && scaled === undefined
    const { diagnostics: found, ...loaded } = isFixed ? fixed : resolveDocument(scaled ?? whole, machine)
    this.#hadTables = document.tables.length > 0
    return { ...loaded, diagnostics: [...diagnostics, ...doubles, ...found, ...scanned.diagnostics] }
  }

  /** The document with the numbers of processes that clients have set; undefined without any. */
  async #scaled(document: Document, wanted: Scales | undefined): Promise<Document | undefined> {
    if (wanted === undefined && !existsSync(this.#scaleFile)) return undefined
    const { readScales, scaled } = await import('./scaled-programs.ts')
    const filled = inherit(document)
    const scales = wanted ?? readScales(this.#scaleFile, filled.tables)
    return { ...filled, tables: scaled(filled.tables, scales, this.#scaleFile) }
  }

  async #added(): Promise<readonly Table[]> {
    if (this.#file === undefined || !existsSync(this.#file)) return []
    const { readAdded } = await import('./added-programs.ts')
    return readAdded(this.#file, this.#options.machine())
  }

  #oneAtATime<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => {})
    return result
  }
}

function socketOf({ servers }: Config): string | undefined {
  const server = servers.find(({ kind }) => kind === 'unix')
  return server?.kind === 'unix' ? server.file : undefined
}

/** An editor or a script may empty a file before it writes it: that must not end every program. */
function describeEmpty({ file }: Document): Diagnostic {
  const message = 'The file has no tables any more; applying it would end all programs'
  return { severity: 'error', message, place: { file, line: 1, column: 1 }, hint: 'to end them: kahi ctl stop all' }
}

/** The program of the configuration file has priority. */
function describeDouble({ name, place }: Table, isRequest: boolean): Diagnostic {
  const message = `${name} is in the configuration file`
  return { severity: isRequest ? 'error' : 'warning', message, place, hint: 'remove one of the two' }
}

/**
 * The services of a scan directory that are not in the document. One that cannot be a program is reported and left out.
 */
async function readScanned(
  document: Document,
  { supervisor }: Config,
  machine: Machine,
): Promise<Omit<ScannedServices, 'definitions'>> {
  const { scan_directory: directory } = supervisor
  if (directory === undefined) return { services: [], diagnostics: [] }
  const { readServiceDirectories } = await import('../converter/s6-rc/service-directories.ts')
  const taken = new Set(document.tables.map(({ name }) => name))
  const { services: found, diagnostics } = readServiceDirectories(directory, { taken })
  const services = found.map((tables) => tables.map((table) => ({ ...table, isDynamic: true })))
  const errors = services.map((tables) => findErrors({ ...document, tables }, machine))
  const told = errors.flat().map((one): Diagnostic => ({ ...one, severity: 'warning' }))
  return {
    services: services
      .filter((_, index) => errors[index]?.length === 0)
      .map((tables) => tables.map((table) => withShared(table, supervisor))),
    diagnostics: [...diagnostics, ...told],
  }
}

/** Adds the settings of [supervisor] for all of them. */
function withShared(table: Table, { scan_depends_on: needs, scan_timeout_down: limit }: SupervisorSettings): Table {
  const { place } = table
  const known = Object(table.entries.find(({ key }) => key === 'depends_on')?.value ?? {}) as Record<string, Value>
  const added = Object.fromEntries(needs.map(({ name, reached }) => [escapeAll(name), reached ?? 'started']))
  const said: readonly Entry[] = [
    ...(needs.length === 0 ? [] : [{ key: 'depends_on', value: { ...known, ...added }, place }]),
    ...(needs.length === 0 ? [] : [{ key: 'priority', value: FIRST_AMONG_EQUALS, place }]),
    ...(limit === 0 ? [] : [{ key: 'timeout_down', value: limit, place }]),
  ]
  return { ...table, entries: [...table.entries.filter(({ key }) => !said.some((one) => one.key === key)), ...said] }
}

function findErrors(document: Document, machine: Machine): readonly Diagnostic[] {
  try {
    resolveDocument(document, machine)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.diagnostics
  }
}
