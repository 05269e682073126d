// The section "Values" of the reference: its parts are those of the JSON Schema.

import { expect, test } from 'vitest'
import { tableRow } from '../../config/keys/tables.ts'
import { schemaOfType } from '../../config/toml/value-schemas.ts'
import { VALUE_PAGES } from '../../tools/pages/values.ts'

interface Schema {
  readonly properties?: Readonly<Record<string, unknown>>
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
}

/** The parts of all tables in a schema. */
function partsOf({ properties = {}, anyOf = [], items }: Schema): readonly string[] {
  return [...Object.keys(properties), ...anyOf.flatMap(partsOf), ...(items === undefined ? [] : partsOf(items))]
}

test.each(VALUE_PAGES.flatMap(({ keys, parts }) => keys.map((key) => [key, parts] as const)))('%s', (key, parts) => {
  const row = tableRow('programs').keys[key]
  const schema = row === undefined ? {} : schemaOfType(row.type)
  expect(parts.map(([name]) => name).toSorted()).toEqual([...new Set(partsOf(schema))].toSorted())
})
