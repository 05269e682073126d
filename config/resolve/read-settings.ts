// Reads the entries of one table by its rows: expands and converts values, fills in defaults, and collects errors with
// their places. For an unknown key the nearest known key is the hint.

import type { Findings } from './findings.ts'
import { type Entry, findEntry, type Table, tableName } from '../keys/document.ts'
import { isList, type Value } from '../model/value.ts'
import { expand, type Names } from '../values/expand.ts'
import type { Key, KeyTable, Scope, Settings } from '../keys/key.ts'
import { nearest } from '../values/nearest.ts'
import { isSecretName, messageWithoutSecrets } from '../values/secrets.ts'
import { environment, ValueError } from '../values/values.ts'

/** Reports unknown keys of the table, and required keys that are missing, unless one of the unknown keys was meant for them. */
export function checkKeys(table: Table, keys: KeyTable, findings: Findings): void {
  const meant = new Set<string>()
  for (const entry of table.entries) {
    if (Object.hasOwn(keys, entry.key)) continue
    const close = findings.isFull ? undefined : (meantBy(table, entry.key) ?? nearest(entry.key, Object.keys(keys)))
    if (close !== undefined) meant.add(close)
    const hint = close === undefined ? undefined : `did you mean "${close}"?`
    findings.error(`Unknown key "${entry.key}" in [${tableName(table)}]`, entry.place, hint)
  }
  if (findEntry(table, 'like') !== undefined) return // it names nothing, which is reported
  for (const [name, row] of Object.entries(keys)) {
    if (!row.required || meant.has(name) || findEntry(table, name) !== undefined) continue
    findings.error(`[${tableName(table)}] has no "${name}"`, table.place)
  }
}

/** Names that other tools use for a key. */
const OTHER_NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  programs: {
    env: 'environment',
    cwd: 'directory',
    working_dir: 'directory',
    healthcheck: 'health',
    requires: 'depends_on',
  },
  oneshots: { command: 'up', cmd: 'up', env: 'environment', cwd: 'directory' },
  'server.unix': { path: 'file', socket: 'file', listen: 'file' },
  'server.http': { port: 'listen', address: 'listen', addr: 'listen' },
}

function meantBy({ kind }: Table, key: string): string | undefined {
  const names = OTHER_NAMES[kind]
  return names !== undefined && Object.hasOwn(names, key) ? names[key] : undefined
}

/** The values of keys whose scope is in `scopes`; other keys get their defaults. */
export function readSettings<T extends KeyTable>(
  table: Table,
  keys: T,
  scopes: readonly Scope[],
  names: Names,
  findings: Findings,
): Settings<T> {
  const values = { ...defaultsOf(keys) }
  for (const entry of table.entries) {
    const row = Object.hasOwn(keys, entry.key) ? keys[entry.key] : undefined
    if (row !== undefined && scopes.includes(row.scope)) values[entry.key] = readEntry(entry, row, names, findings)
  }
  return values as Settings<T>
}

const defaults = new WeakMap<KeyTable, Readonly<Record<string, unknown>>>()

function defaultsOf(keys: KeyTable): Readonly<Record<string, unknown>> {
  const known = defaults.get(keys)
  if (known !== undefined) return known
  const values = Object.fromEntries(Object.entries(keys).map(([name, row]) => [name, row.fallback]))
  defaults.set(keys, values)
  return values
}

/** The value of one entry. After an error, which is added to the findings, it is the default. */
function readEntry<T>(entry: Entry, row: Key<T>, names: Names, findings: Findings): T {
  try {
    const value = expandValue(entry.value, names)
    const result = typeof value === 'string' ? row.type.fromText(value) : row.type.fromToml?.(value)
    if (result !== undefined) return result
    findings.error(
      `Cannot read "${entry.key}" as ${row.type.name}: it is ${isSecretName(entry.key) ? 'of another type' : kindOf(value)}`,
      entry.place,
      row.type === environment ? 'write { NAME = "value", OTHER = 8000 }' : undefined,
    )
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    findings.error(
      `Cannot read "${entry.key}" as ${row.type.name}: ${row.type.isQuiet === true ? error.message : messageWithoutSecrets(entry.key, error.message)}`,
      entry.place,
    )
  }
  return row.fallback
}

function expandValue(value: Value, names: Names): Value {
  if (typeof value === 'string') return expand(value, names)
  if (isList(value)) return value.map((item) => expandValue(item, names))
  if (typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expandValue(item, names)]))
}

function kindOf(value: Value): string {
  if (Array.isArray(value)) return 'a list with items of another kind'
  if (typeof value === 'object') return 'a table'
  if (typeof value === 'boolean') return `the flag ${value}`
  return typeof value === 'string' ? 'text' : `the number ${value}`
}
