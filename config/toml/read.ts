// Reads kahi.toml: TOML text → Document (with places, included files merged) → Config. All errors of a file are
// reported together, with line and column.

import { append } from '../model/append.ts'
import { realpathSync } from 'node:fs'
import { dirname, resolve as resolvePath } from 'node:path'
import type { Machine } from '../model/machine.ts'
import type { Loaded } from '../settings/config.ts'
import { ConfigError, type Diagnostic, type Place } from '../model/diagnostic.ts'
import type { Document, Entry, Table } from '../keys/document.ts'
import { type TableKind, tableRow, tableRows } from '../keys/tables.ts'
import { isList, type Value } from '../model/value.ts'
import { environmentNames, escapeAll, expand } from '../values/expand.ts'
import { glob } from '../values/glob.ts'
import { nearest } from '../values/nearest.ts'
import { parseToml, type Tree } from './parse.ts'
import type { Positions } from './positions.ts'
import { readText } from '../values/read-text.ts'
import { resolveDocument } from '../resolve/resolve.ts'
import type { ResolveOptions } from '../resolve/resolver.ts'
import { ValueError } from '../values/values.ts'

/** Reads a text as the content of `file`. Throws ConfigError with every error. */
export function readConfig(text: string, file: string, machine: Machine, options: ResolveOptions = {}): Loaded {
  const found: Diagnostic[] = []
  const document = readDocument(text, file, machine, found)
  const { diagnostics, ...loaded } = resolveDocument(document, machine, options)
  return { ...loaded, diagnostics: [...found, ...diagnostics] }
}

/** Reads a file. Throws ConfigError with every error, also when the file cannot be read. */
export function readConfigFile(file: string, machine: Machine, options: ResolveOptions = {}): Loaded {
  return readConfig(readText(file), file, machine, options)
}

/**
 * Reads a text and the files that it includes into a Document. Warnings are added to `found`, errors to `mistakes` of
 * the Document. Throws ConfigError when a file is no TOML.
 */
export function readDocument(text: string, file: string, machine: Machine, found: Diagnostic[] = []): Document {
  const absolute = resolvePath(machine.workingDirectory, file)
  const own: Diagnostic[] = []
  const tables = readTables(text, { name: file, chain: [absolute], machine }, own)
  if (tables === undefined) throw new ConfigError([...found, ...own])
  append(
    found,
    own.filter(({ severity }) => severity !== 'error'),
  )
  const mistakes = own.filter(({ severity }) => severity === 'error')
  return { file: absolute, here: dirname(absolute), tables, ...(mistakes.length > 0 && { mistakes }) }
}

/** One of the files that are being read. */
interface Reading {
  /** The path as the user or the pattern named it, for places. */
  readonly name: string
  /** Absolute paths of the including files, and of this one at the end. */
  readonly chain: readonly string[]
  readonly machine: Machine
}

function directoryOf({ chain }: Reading): string {
  return dirname(chain.at(-1) ?? '/')
}

/**
 * Undefined when the file, or one that it includes, is no TOML: then references to its tables must not be reported as
 * errors.
 */
function readTables(text: string, reading: Reading, found: Diagnostic[]): Table[] | undefined {
  const parsed = parseToml(text, reading.name, found)
  if (parsed === undefined) return undefined
  const { tree, positions } = parsed
  const tables: Table[] = []
  const own = reading.chain.length > 1 ? placeTree(tree, directoryOf(reading)) : tree
  for (const [key, value] of Object.entries(own)) {
    if (key !== 'include') for (const table of readKind(key, value, positions, found)) tables.push(table)
  }
  tables.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column)
  const included = readIncludes(tree.include, positions.find(['include']), reading, found)
  return included && mergeTables([...tables, ...included], found)
}

/** The tables of one top-level key: `programs` has one for each name, `server` one for each server. */
function readKind(key: string, value: Value, positions: Positions, found: Diagnostic[]): Table[] {
  const place = positions.find([key])
  const kinds = tableRows.filter(({ kind }) => kind.split('.')[0] === key).map(({ kind }) => kind)
  if (kinds.length === 0) return readUnknown(key, value, positions, found)
  if (!isTree(value)) {
    found.push({ severity: 'error', message: `"${key}" must be a table`, place, hint: `write [${kinds[0]}]` })
    return []
  }
  const [kind] = kinds
  if (kind?.includes('.') === true) return readInner(key, value, positions, found)
  if (kind === undefined || tableRow(kind).form !== 'named')
    return [readTable(kind ?? 'supervisor', '', value, [key], positions)]
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

/** An unknown key that is similar to one of kahi's is read as that one, so that errors below it are found too. */
function readUnknown(key: string, value: Value, positions: Positions, found: Diagnostic[]): Table[] {
  const known = ['include', ...new Set(tableRows.map(({ kind }) => kind.split('.')[0] ?? kind))]
  const close = known.find((name) => name === `${key}s`) ?? nearest(key, known)
  const hint = /^program:|^group:|^eventlistener:|^supervisord$/.test(key)
    ? 'this looks like a supervisord.conf: kahi migrate FILE'
    : close && `did you mean "${close}"?`
  found.push({ severity: 'error', message: `Unknown table or key "${key}"`, place: positions.find([key]), hint })
  const named = tableRows.find(({ kind, form }) => kind === close && form === 'named')
  if (named === undefined || !isTree(value)) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    isTree(inner) ? [readTable(named.kind, name, inner, [key, name], positions)] : [],
  )
}

/** Tables whose names have two parts: `[server.http]`, `[defaults.programs]`. */
function readInner(outer: string, value: Tree, positions: Positions, found: Diagnostic[]): Table[] {
  const rows = tableRows.filter(({ kind }) => kind.startsWith(`${outer}.`))
  return Object.entries(value).flatMap(([name, inner]) => {
    const row = rows.find(({ kind }) => kind === `${outer}.${name}`)
    if (row !== undefined && isTree(inner)) return [readTable(row.kind, '', inner, [outer, name], positions)]
    if (row?.form === 'repeated' && Array.isArray(inner) && inner.every(isTree)) {
      return inner.map((item, index) => readTable(row.kind, '', item, [outer, name, index], positions))
    }
    const place = positions.find([outer, name])
    const hint = `write ${rows.map(({ kind }) => `[${kind}]`).join(' or ')}`
    found.push({ severity: 'error', message: `Unknown ${outer} "${name}"`, place, hint })
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
  const { keys } = tableRow(kind)
  const meant = (key: string, text: string): Value =>
    (Object.hasOwn(keys, key) ? keys[key]?.type.standsFor?.(text) : undefined) ?? text
  const entries: Entry[] = Object.entries(tree).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? meant(key, value) : value,
    place: positions.find([...path, key]),
  }))
  return { kind, name, place: positions.find(path), entries }
}

function readIncludes(
  include: Value | undefined,
  place: Place,
  reading: Reading,
  found: Diagnostic[],
): Table[] | undefined {
  if (include === undefined) return []
  const patterns = Array.isArray(include) ? include : [include]
  if (!patterns.every((pattern) => typeof pattern === 'string')) {
    found.push({ severity: 'error', message: 'Cannot read "include" as list of file patterns', place })
    return []
  }
  const tables = patterns.flatMap((pattern) => {
    const path = expandPattern(pattern, place, reading, found)
    const files = path === undefined ? [] : globbed(path, place, found)
    if (path !== undefined && files?.length === 0)
      found.push({ severity: 'warning', message: `No file matches "${pattern}"`, place })
    return (files ?? []).map((file) => readIncluded(file, place, reading, found))
  })
  return tables.includes(undefined) ? undefined : tables.flatMap((list) => list ?? [])
}

/** Undefined, after a message, when the pattern needs too much. */
function globbed(path: string, place: Place, found: Diagnostic[]): readonly string[] | undefined {
  try {
    return glob(path)
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    found.push({ severity: 'error', message: `Cannot read "include": ${error.message}`, place })
    return undefined
  }
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

function readIncluded(file: string, place: Place, reading: Reading, found: Diagnostic[]): Table[] | undefined {
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
    append(found, error.diagnostics)
    return undefined
  }
}

/** A table name in several files is an error, because one of the tables would be lost. */
function mergeTables(tables: readonly Table[], found: Diagnostic[]): Table[] {
  const seen = new Map<string, Table>()
  return tables.filter((table) => {
    const id = `${table.kind} ${table.name}`
    const earlier = seen.get(id)
    seen.set(id, earlier ?? table)
    if (earlier === undefined || (tableRow(table.kind).form === 'repeated' && earlier.place.file === table.place.file))
      return true
    const name = table.name === '' ? table.kind : `${table.kind}.${table.name}`
    const hint = `the other one is at ${earlier.place.file}:${earlier.place.line}`
    found.push({ severity: 'error', message: `[${name}] is defined twice`, place: table.place, hint })
    return false
  })
}

/** In an included file `%(here)s` is the directory of that file. */
function placeHere(value: Value, directory: string): Value {
  if (typeof value === 'string') return value.replaceAll('%(here)s', () => escapeAll(directory))
  if (isList(value)) return value.map((item) => placeHere(item, directory))
  return isTree(value) ? placeTree(value, directory) : value
}

function placeTree(tree: Tree, directory: string): Tree {
  return Object.fromEntries(Object.entries(tree).map(([key, item]) => [key, placeHere(item, directory)]))
}

function isTree(value: Value): value is Tree {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date)
}
