// Reads kahi.toml: TOML text → Document (with places, includes merged) → Config. Every mistake of a file
// is shown at once, with line and column.

import { realpathSync } from 'node:fs'
import { dirname, resolve as resolvePath } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import type { Loaded, Machine } from './config.ts'
import { ConfigError, type Diagnostic, hasErrors, type Place } from './diagnostic.ts'
import { type Document, type Entry, TABLE_KINDS, type Table, type TableKind, type Value } from './document.ts'
import { environmentNames, escapeAll, expand } from './expand.ts'
import { glob } from './glob.ts'
import { nearest } from './nearest.ts'
import { Positions } from './positions.ts'
import { readText } from './read-text.ts'
import { resolveDocument } from './resolve.ts'
import type { ResolveOptions } from './resolver.ts'
import { ValueError } from './values.ts'

const NAMED: readonly TableKind[] = ['programs', 'oneshots', 'bundles', 'groups', 'event_listeners', 'fcgi_programs']
const REPEATED: readonly TableKind[] = ['server.unix', 'server.http']

/** Reads a text as the content of `file`. Throws ConfigError with every error. */
export function readConfig(text: string, file: string, machine: Machine, options: ResolveOptions = {}): Loaded {
  const found: Diagnostic[] = []
  const document = readDocument(text, file, machine, found)
  const { config, diagnostics } = resolveDocument(document, machine, options)
  return { config, diagnostics: [...found, ...diagnostics] }
}

/** Reads a file. Throws ConfigError with every error, also when the file cannot be read. */
export function readConfigFile(file: string, machine: Machine, options: ResolveOptions = {}): Loaded {
  return readConfig(readText(file), file, machine, options)
}

/** Reads a text into a Document, with the files that it includes; warnings go to `found`. Throws ConfigError. */
export function readDocument(text: string, file: string, machine: Machine, found: Diagnostic[] = []): Document {
  const absolute = resolvePath(machine.workingDirectory, file)
  const tables = readTables(text, { name: file, chain: [absolute], machine }, found)
  if (hasErrors(found)) throw new ConfigError(found)
  return { file: absolute, here: dirname(absolute), tables }
}

/** One of the files being read. */
interface Reading {
  /** As the user or the pattern named it, for places. */
  readonly name: string
  /** Absolute paths of the files that led here, this one last. */
  readonly chain: readonly string[]
  readonly machine: Machine
}

function directoryOf({ chain }: Reading): string {
  return dirname(chain.at(-1) ?? '/')
}

type Tree = { readonly [key: string]: Value }

function readTables(text: string, reading: Reading, found: Diagnostic[]): Table[] {
  const tree = parseToml(text, reading.name, found)
  if (tree === undefined) return []
  const positions = new Positions(text, reading.name)
  const tables: Table[] = []
  const own = reading.chain.length > 1 ? placeHere(tree, directoryOf(reading)) : tree
  for (const [key, value] of Object.entries(own)) {
    if (key !== 'include') tables.push(...readKind(key, value, positions, found))
  }
  tables.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column)
  const included = readIncludes(tree.include, positions.find(['include']), reading, found)
  return mergeTables([...tables, ...included], found)
}

function parseToml(text: string, file: string, found: Diagnostic[]): Tree | undefined {
  try {
    return parse(text.replace(/^\uFEFF/, ''), { integersAsBigInt: false }) as Tree
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const [first = ''] = error.message.split('\n')
    const message = `Cannot read as TOML: ${first.replace(/^Invalid TOML document: /, '')}`
    found.push({ severity: 'error', message, place: { file, line: error.line, column: error.column } })
    return undefined
  }
}

/** The tables below one top-level key: `programs` gives one for each name, `server` one for each server. */
function readKind(key: string, value: Value, positions: Positions, found: Diagnostic[]): Table[] {
  const place = positions.find([key])
  const kinds = TABLE_KINDS.filter((kind) => kind.split('.')[0] === key)
  if (kinds.length === 0) {
    const close = nearest(key, ['include', ...TABLE_KINDS.map((kind) => kind.split('.')[0] ?? kind)])
    found.push({
      severity: 'error',
      message: `Unknown table or key "${key}"`,
      place,
      hint: close && `did you mean "${close}"?`,
    })
    return []
  }
  if (!isTree(value)) {
    found.push({ severity: 'error', message: `"${key}" must be a table`, place, hint: `write [${kinds[0]}]` })
    return []
  }
  const [kind] = kinds
  if (key === 'server') return readServers(value, positions, found)
  if (kind === undefined || !NAMED.includes(kind)) return [readTable(kind ?? 'supervisor', '', value, [key], positions)]
  return Object.entries(value).flatMap(([name, inner]) => {
    if (isTree(inner)) return [readTable(kind, name, inner, [key, name], positions)]
    const hint = `write [${key}.NAME] above it`
    found.push({
      severity: 'error',
      message: `"${name}" is in no [${key}.NAME]`,
      place: positions.find([key, name]),
      hint,
    })
    return []
  })
}

function readServers(value: Tree, positions: Positions, found: Diagnostic[]): Table[] {
  return Object.entries(value).flatMap(([name, inner]) => {
    const kind = REPEATED.find((candidate) => candidate === `server.${name}`)
    if (kind !== undefined && isTree(inner)) return [readTable(kind, '', inner, ['server', name], positions)]
    if (kind !== undefined && Array.isArray(inner) && inner.every(isTree)) {
      return inner.map((item, index) => readTable(kind, '', item, ['server', name, index], positions))
    }
    const place = positions.find(['server', name])
    found.push({
      severity: 'error',
      message: `Unknown server "${name}"`,
      place,
      hint: 'write [server.unix] or [server.http]',
    })
    return []
  })
}

function readTable(
  kind: TableKind,
  name: string,
  tree: Tree,
  path: readonly (string | number)[],
  positions: Positions,
): Table {
  const entries: Entry[] = Object.entries(tree).map(([key, value]) => ({
    key,
    value,
    place: positions.find([...path, key]),
  }))
  return { kind, name, place: positions.find(path), entries }
}

function readIncludes(include: Value | undefined, place: Place, reading: Reading, found: Diagnostic[]): Table[] {
  if (include === undefined) return []
  const patterns = Array.isArray(include) ? include : [include]
  if (!patterns.every((pattern) => typeof pattern === 'string')) {
    found.push({ severity: 'error', message: 'Cannot read "include" as list of file patterns', place })
    return []
  }
  return patterns.flatMap((pattern) => {
    const path = expandPattern(pattern, place, reading, found)
    const files = path === undefined ? [] : glob(path)
    if (path !== undefined && files.length === 0)
      found.push({ severity: 'warning', message: `No file matches "${pattern}"`, place })
    return files.flatMap((file) => readIncluded(file, place, reading, found))
  })
}

function expandPattern(pattern: string, place: Place, reading: Reading, found: Diagnostic[]): string | undefined {
  const { machine } = reading
  const directory = directoryOf(reading)
  const names = { ...environmentNames(machine.environment), here: directory, host_node_name: machine.hostName }
  try {
    return resolvePath(directory, expand(pattern, names))
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    found.push({ severity: 'error', message: `Cannot read "include": ${error.message}`, place })
    return undefined
  }
}

function readIncluded(file: string, place: Place, reading: Reading, found: Diagnostic[]): Table[] {
  const real = realpathSync(file)
  const { chain, machine } = reading
  if (chain.includes(real) || chain.includes(file)) {
    const loop = [...chain, file].join(' → ')
    found.push({ severity: 'error', message: `${file} includes itself: ${loop}`, place })
    return []
  }
  try {
    return readTables(readText(file), { name: file, chain: [...chain, file], machine }, found)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    found.push(...error.diagnostics)
    return []
  }
}

/** Tables of the same name in several files: an error, since one of them would be lost. */
function mergeTables(tables: readonly Table[], found: Diagnostic[]): Table[] {
  const seen = new Map<string, Table>()
  return tables.filter((table) => {
    const id = `${table.kind} ${table.name}`
    const earlier = seen.get(id)
    seen.set(id, earlier ?? table)
    if (earlier === undefined || (REPEATED.includes(table.kind) && earlier.place.file === table.place.file)) return true
    const name = table.name === '' ? table.kind : `${table.kind}.${table.name}`
    const hint = `the other one is at ${earlier.place.file}:${earlier.place.line}`
    found.push({ severity: 'error', message: `[${name}] is there twice`, place: table.place, hint })
    return false
  })
}

/** In an included file `%(here)s` is the directory of that file. */
function placeHere<T extends Value>(value: T, directory: string): T {
  if (typeof value === 'string') return value.replaceAll('%(here)s', () => escapeAll(directory)) as T
  if (Array.isArray(value)) return value.map((item) => placeHere(item, directory)) as unknown as T
  if (!isTree(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, placeHere(item, directory)]),
  ) as unknown as T
}

function isTree(value: Value): value is Tree {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date)
}
