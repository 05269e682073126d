// kahi.toml as a JSON Schema, made from the rows in config/keys/: editors complete keys, show their texts and mark mistakes with it.
// Draft 7, which Taplo and the editors that use it read.

import type { Key } from '../keys/key.ts'
import { type TableRow, tableRows, tableTitle } from '../keys/tables.ts'
import { type Schema, schemaOfType } from './value-schemas.ts'

/** Names the schema; no editor asks for it. */
const ID = 'urn:kahi:kahi.toml'

/** The schema of a whole file. */
export function configSchema(): Schema {
  const files = { type: 'array', items: { type: 'string' } }
  const include = { description: 'Other files that belong to the configuration.', anyOf: [{ type: 'string' }, files] }
  const names = [...new Set(tableRows.map(({ kind }) => topOf(kind)))]
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: ID,
    title: 'kahi.toml',
    type: 'object',
    properties: { include, ...Object.fromEntries(names.map((name) => [name, topSchema(name)])) },
    additionalProperties: false,
  }
}

function topOf(kind: string): string {
  return kind.split('.')[0] ?? kind
}

/** What stands under one name at the top: a table, tables by name, or tables of several kinds. */
function topSchema(name: string): Schema {
  const rows = tableRows.filter(({ kind }) => topOf(kind) === name)
  const [first] = rows
  if (first !== undefined && first.kind === name) return formSchema(first)
  const properties = Object.fromEntries(rows.map((row) => [row.kind.slice(name.length + 1), formSchema(row)]))
  return { type: 'object', properties, additionalProperties: false }
}

function formSchema(row: TableRow): Schema {
  const one = tableSchema(row)
  if (row.form === 'named') return { type: 'object', description: row.doc, additionalProperties: one }
  return row.form === 'once' ? one : { description: row.doc, anyOf: [one, { type: 'array', items: one }] }
}

function tableSchema(row: TableRow): Schema {
  const keys = Object.entries<Key<unknown>>(row.keys)
  const required = keys.filter(([, key]) => key.required).map(([name]) => name)
  return {
    type: 'object',
    title: tableTitle(row),
    description: row.doc,
    properties: Object.fromEntries(
      keys.map(([name, key]) => [name, { description: key.doc, ...schemaOfType(key.type) }]),
    ),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  }
}
