// The configuration of a daemon as it is now: its file, and the programs that came while it runs. Those are service directories
// that somebody made in scan_directory, and programs that clients have added, which are kept in a file beside the control socket.

import { existsSync } from 'node:fs'
import type { Config, ConfigSource, Loaded, Machine } from '../config/config.ts'
import { ConfigError, type Diagnostic, hasErrors } from '../config/diagnostic.ts'
import type { Document, Table } from '../config/document.ts'
import type { DynamicPrograms } from '../config/dynamic.ts'
import { resolveDocument } from '../config/resolve.ts'
import type { ScannedServices } from '../converter/s6-rc/service-directories.ts'

/** A configuration as written. */
export interface Read {
  readonly document: Document
  readonly diagnostics: readonly Diagnostic[]
}

/** What a live source needs. */
export interface LiveOptions {
  /** Reads the file. Throws ConfigError. */
  readonly read: () => Read | Promise<Read>
  readonly machine: () => Machine
  /** Where the daemon listens when its file names no unix socket. */
  readonly defaultSocket: string
}

/** A source that knows what came while the daemon ran. */
export class LiveSource implements ConfigSource, DynamicPrograms {
  readonly #options: LiveOptions
  /** Of added programs; beside the socket, which no other daemon has and which stays as it was at the start. */
  #file: string | undefined
  #turn: Promise<unknown> = Promise.resolve()

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
    return this.#inTurn(async () => {
      const { programFromJson, writeAdded } = await import('./added-programs.ts')
      const others = (await this.#added()).filter((table) => table.name !== name)
      const all = [...others, programFromJson(name, text)]
      await this.#load(all)
      writeAdded(this.#file ?? '', all)
    })
  }

  remove(name: string): Promise<boolean> {
    return this.#inTurn(async () => {
      const { writeAdded } = await import('./added-programs.ts')
      const all = await this.#added()
      const others = all.filter((table) => table.name !== name)
      if (others.length < all.length) writeAdded(this.#file ?? '', others)
      return others.length < all.length
    })
  }

  /** `wanted` takes the place of what clients have added so far. */
  async #load(wanted?: readonly Table[]): Promise<Loaded> {
    const { read, machine: ask, defaultSocket } = this.#options
    const { document, diagnostics } = await read()
    const machine = ask()
    const fixed = resolveDocument(document, machine)
    this.#file ??= `${socketOf(fixed.config) ?? defaultSocket}.programs.toml`
    const own = new Set(document.tables.map(({ name }) => name))
    const all = wanted ?? (await this.#added())
    const doubles = all.filter(({ name }) => own.has(name)).map((table) => describeDouble(table, wanted !== undefined))
    if (hasErrors(doubles)) throw new ConfigError(doubles)
    const added = all.filter(({ name }) => !own.has(name))
    const scanned = await readScanned({ ...document, tables: [...document.tables, ...added] }, fixed.config, machine)
    const tables = [...document.tables, ...added, ...scanned.services.flat()]
    const { config, diagnostics: found } =
      tables.length === document.tables.length ? fixed : resolveDocument({ ...document, tables }, machine)
    return { config, diagnostics: [...diagnostics, ...doubles, ...found, ...scanned.diagnostics] }
  }

  async #added(): Promise<readonly Table[]> {
    if (this.#file === undefined || !existsSync(this.#file)) return []
    const { readAdded } = await import('./added-programs.ts')
    return readAdded(this.#file, this.#options.machine())
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => {})
    return result
  }
}

function socketOf({ servers }: Config): string | undefined {
  const server = servers.find(({ kind }) => kind === 'unix')
  return server?.kind === 'unix' ? server.file : undefined
}

/** The file of the configuration counts. */
function describeDouble({ name, place }: Table, isRequest: boolean): Diagnostic {
  const message = `${name} is in the configuration file`
  return { severity: isRequest ? 'error' : 'warning', message, place, hint: 'remove one of the two' }
}

/** The services of a scan directory that the document has not; one that cannot be a program is told of and left alone. */
async function readScanned(
  document: Document,
  { supervisor: { scan_directory: directory } }: Config,
  machine: Machine,
): Promise<ScannedServices> {
  if (directory === undefined) return { services: [], diagnostics: [] }
  const { readServiceDirectories } = await import('../converter/s6-rc/service-directories.ts')
  const taken = new Set(document.tables.map(({ name }) => name))
  const { services, diagnostics } = readServiceDirectories(directory, taken)
  const errors = services.map((tables) => findErrors({ ...document, tables }, machine))
  const told = errors.flat().map((one): Diagnostic => ({ ...one, severity: 'warning' }))
  return {
    services: services.filter((_, index) => errors[index]?.length === 0),
    diagnostics: [...diagnostics, ...told],
  }
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
