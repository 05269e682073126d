// The file with the programs that clients have added: only its owner can read and write it, and it is always written as
// a whole.

import { unlinkSync } from 'node:fs'
import type { Machine } from '../config/model/machine.ts'
import { ConfigError } from '../config/model/diagnostic.ts'
import type { Entry, Table } from '../config/keys/document.ts'
import type { Value } from '../config/model/value.ts'
import { placesInJson } from '../config/toml/json-places.ts'
import { readDocument } from '../config/toml/read.ts'
import { readText } from '../config/values/read-text.ts'
import { writeDocument } from '../config/toml/write.ts'
import { writeWhole } from './write-file.ts'

const HEADER = ['Programs that clients added while kahi ran; it writes this file itself.']
const OWNER_ONLY = 0o600

/** The programs in the file. Throws ConfigError. */
export function readAdded(file: string, machine: Machine): readonly Table[] {
  const { tables } = readDocument(readText(file), file, machine)
  return tables.map((table) => ({ ...table, isDynamic: true }))
}

/** Writes the programs; without any the file is removed. */
export function writeAdded(file: string, tables: readonly Table[]): void {
  if (tables.length === 0) return unlinkSync(file)
  writeWhole(file, writeDocument({ file, here: '/', tables, header: HEADER }), { force: true, mode: OWNER_ONLY })
}

/** Reads a program from the text of a JSON object with its keys. Throws ConfigError. */
export function programFromJson(name: string, text: string): Table {
  const places = placesInJson(text, 'body')
  const start = { file: 'body', line: 1, column: 1 }
  const body: unknown = JSON.parse(text)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const message = 'The program must be a JSON object of its keys'
    throw new ConfigError([{ severity: 'error', message, place: start }])
  }
  const entries = Object.entries(body).map(([key, value]: [string, unknown]): Entry => {
    const place = places.get(key) ?? start
    if (isValue(value)) return { key, value, place }
    const message = `Cannot read "${key}": null has no meaning here`
    throw new ConfigError([{ severity: 'error', message, place, hint: 'leave it out' }])
  })
  return { kind: 'programs', name, place: start, entries, isDynamic: true }
}

function isValue(value: unknown): value is Value {
  if (Array.isArray(value)) return value.every(isValue)
  return typeof value === 'object' ? value !== null && Object.values(value).every(isValue) : true
}
