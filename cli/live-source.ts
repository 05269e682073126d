// The configuration of a daemon as it is now: its file, and the programs that came while it runs. Those are service directories
// that somebody made in scan_directory, and programs that clients asked for, which are kept in a file beside the control socket.

import { existsSync, unlinkSync } from 'node:fs'
import type { Config, ConfigSource, Loaded, Machine } from '../config/config.ts'
import { ConfigError, type Diagnostic, hasErrors } from '../config/diagnostic.ts'
import { type Document, type Entry, type Table, type Value } from '../config/document.ts'
import type { DynamicPrograms } from '../config/dynamic.ts'
import { placesInJson } from '../config/json-places.ts'
import { readDocument } from '../config/read.ts'
import { readText } from '../config/read-text.ts'
import { resolveDocument } from '../config/resolve.ts'
import { writeDocument } from '../config/write.ts'
import type { ScannedServices } from '../converter/s6-rc/service-directories.ts'
import { writeWhole } from './write-file.ts'

/** A configuration as written. */
export interface Read {
  readonly document: Document
  readonly diagnostics: readonly Diagnostic[]
}

/** What a live source needs. */
export interface LiveOptions {
  /** Reads the file. Throws ConfigError. */
  readonly read: () => Read
  readonly machine: () => Machine
  /** Where the daemon listens when its file names no unix socket. */
  readonly defaultSocket: string
}

/** Begins files of requested programs. */
const HEADER = ['Programs that clients added while kahi ran; it writes this file itself.']
const OWNER_ONLY = 0o600
const NOTHING: ScannedServices = { tables: [], diagnostics: [] }

/** A source that knows what came while the daemon ran. */
export function liveSource(options: LiveOptions): ConfigSource {
  return { load: () => loadWith(options), dynamic: dynamicPrograms(options) }
}

/** `requested` takes the place of what clients have asked for so far. */
async function loadWith(
  { read, machine: ask, defaultSocket }: LiveOptions,
  requested?: readonly Table[],
): Promise<Loaded> {
  const { document, diagnostics } = read()
  const machine = ask()
  const fixed = resolveDocument(document, machine)
  const own = new Set(document.tables.map(({ name }) => name))
  const all = requested ?? readRequested(programsFile(fixed.config, defaultSocket), machine)
  const doubles = all.filter(({ name }) => own.has(name)).map((table) => describeDouble(table, requested !== undefined))
  if (hasErrors(doubles)) throw new ConfigError(doubles)
  const asked = all.filter(({ name }) => !own.has(name))
  const taken = new Set([...own, ...asked.map(({ name }) => name)])
  const { scan_directory: scan } = fixed.config.supervisor
  const errorsOf = (table: Table): readonly Diagnostic[] => findErrors({ ...document, tables: [table] }, machine)
  const scanned = scan === undefined ? NOTHING : await readScanned(scan, taken, errorsOf)
  const more = [...asked, ...scanned.tables]
  const { config, diagnostics: found } =
    more.length === 0 ? fixed : resolveDocument({ ...document, tables: [...document.tables, ...more] }, machine)
  return { config, diagnostics: [...diagnostics, ...doubles, ...found, ...scanned.diagnostics] }
}

/** The file counts. */
function describeDouble({ name, place }: Table, isRequest: boolean): Diagnostic {
  const message = `${name} is in the configuration file`
  return { severity: isRequest ? 'error' : 'warning', message, place, hint: 'remove one of the two' }
}

/** The services of a scan directory; one that cannot be a program is told of and left alone. */
async function readScanned(
  directory: string,
  taken: ReadonlySet<string>,
  errorsOf: (table: Table) => readonly Diagnostic[],
): Promise<ScannedServices> {
  const { readServiceDirectories } = await import('../converter/s6-rc/service-directories.ts')
  const { tables, diagnostics } = readServiceDirectories(directory, taken)
  const wrong = new Map(tables.map((table) => [table, errorsOf(table)] as const))
  const told = [...wrong.values()].flat().map((one): Diagnostic => ({ ...one, severity: 'warning' }))
  return {
    tables: tables.filter((table) => wrong.get(table)?.length === 0),
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

function dynamicPrograms(options: LiveOptions): DynamicPrograms {
  const file = async (): Promise<string> => programsFile((await loadWith(options, [])).config, options.defaultSocket)
  const known = async (): Promise<readonly Table[]> => readRequested(await file(), options.machine())
  return {
    put: async (name, text) => {
      const others = (await known()).filter((table) => table.name !== name)
      const all = [...others, tableOf(name, text)]
      await loadWith(options, all)
      writeRequested(await file(), all)
    },
    remove: async (name) => {
      const all = await known()
      const others = all.filter((table) => table.name !== name)
      if (others.length === all.length) return false
      writeRequested(await file(), others)
      return true
    },
  }
}

/** Beside the socket, which no other daemon has. */
function programsFile({ servers }: Config, defaultSocket: string): string {
  const unix = servers.find((server) => server.kind === 'unix')
  return `${unix?.kind === 'unix' ? unix.file : defaultSocket}.programs.toml`
}

function readRequested(file: string, machine: Machine): readonly Table[] {
  if (!existsSync(file)) return []
  const { tables } = readDocument(readText(file), file, machine)
  return tables.map((table) => ({ ...table, isDynamic: true }))
}

function writeRequested(file: string, tables: readonly Table[]): void {
  if (tables.length > 0)
    writeWhole(file, writeDocument({ file, here: '/', tables, header: HEADER }), { force: true, mode: OWNER_ONLY })
  else if (existsSync(file)) unlinkSync(file)
}

/** A program from a JSON object of its keys. */
function tableOf(name: string, text: string): Table {
  const places = placesInJson(text, 'body')
  const start = { file: 'body', line: 1, column: 1 }
  const body: unknown = JSON.parse(text)
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ConfigError([
      { severity: 'error', message: 'The program must be a JSON object of its keys', place: start },
    ])
  const entries = Object.entries(body).map(([key, value]: [string, unknown]): Entry => {
    const place = places.get(key) ?? start
    if (!isValue(value))
      throw new ConfigError([
        { severity: 'error', message: `Cannot read "${key}": null means nothing`, place, hint: 'leave it out' },
      ])
    return { key, value, place }
  })
  return { kind: 'programs', name, place: start, entries, isDynamic: true }
}

function isValue(value: unknown): value is Value {
  if (Array.isArray(value)) return value.every(isValue)
  return typeof value === 'object' ? value !== null && Object.values(value).every(isValue) : true
}
