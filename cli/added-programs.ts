// The file of the programs that clients have added: read and written whole, by its owner only.

import { unlinkSync } from 'node:fs'
import type { Machine } from '../config/config.ts'
import { ConfigError } from '../config/diagnostic.ts'
import type { Entry, Table, Value } from '../config/document.ts'
import { placesInJson } from '../config/json-places.ts'
import { readDocument } from '../config/read.ts'
import { readText } from '../config/read-text.ts'
import { writeDocument } from '../config/write.ts'
import { writeWhole } from './write-file.ts'

const HEADER = ['Programs that clients added while kahi ran; it writes this file itself.']
const OWNER_ONLY = 0o600

/** The programs in the file. Throws ConfigError. */
export function readAdded(file: string, machine: Machine): readonly Table[] {
  const { tables } = readDocument(readText(file), file, machine)
  return tables.map((table) => ({ ...table, isDynamic: true }))
}

/** Writes them; without any there is no file. */
export function writeAdded(file: string, tables: readonly Table[]): void {
  if (tables.length === 0) return unlinkSync(file)
  writeWhole(file, writeDocument({ file, here: '/', tables, header: HEADER }), { force: true, mode: OWNER_ONLY })
}

/** A program from the text of a JSON object of its keys. Throws ConfigError. */
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
    const message = `Cannot read "${key}": null means nothing`
    throw new ConfigError([{ severity: 'error', message, place, hint: 'leave it out' }])
  })
  return { kind: 'programs', name, place: start, entries, isDynamic: true }
}

function isValue(value: unknown): value is Value {
  if (Array.isArray(value)) return value.every(isValue)
  return typeof value === 'object' ? value !== null && Object.values(value).every(isValue) : true
}
