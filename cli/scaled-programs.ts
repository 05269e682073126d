// The numbers of processes that clients have set with `kahi ctl scale`, in a file beside the control socket. A number
// counts until `numprocs` of the configuration changes: whoever spoke last decides.

import { existsSync, unlinkSync } from 'node:fs'
import { findEntry, type Table } from '../config/keys/document.ts'
import { ConfigError } from '../config/model/diagnostic.ts'
import { readText } from '../config/values/read-text.ts'
import { writeWhole } from './write-file.ts'

/** A number, and what the configuration said when it was set; null when it said nothing. */
interface Scale {
  readonly numprocs: number
  readonly written: string | null
}

/** The numbers by program. */
export type Scales = Readonly<Record<string, Scale>>

const OWNER_ONLY = 0o600
const KINDS: readonly string[] = ['programs', 'event_listeners', 'fcgi_programs']

/** The numbers in the file that still count for these tables. Throws ConfigError. */
export function readScales(file: string, tables: readonly Table[]): Scales {
  if (!existsSync(file)) return {}
  const found: unknown = JSON.parse(readText(file))
  if (!isScales(found))
    throw new ConfigError([{ severity: 'error', message: `${file} is not what kahi wrote`, hint: 'remove it' }])
  const valid = Object.entries(found).filter(([name, { written }]) => {
    const table = tables.find((one) => isProgram(one, name))
    return table !== undefined && writtenIn(table) === written
  })
  return Object.fromEntries(valid)
}

function isScales(value: unknown): value is Scales {
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).every(
    (one: unknown) => typeof one === 'object' && one !== null && 'numprocs' in one && 'written' in one,
  )
}

/** Writes the numbers; without any the file is removed. */
export function writeScales(file: string, scales: Scales): void {
  if (Object.keys(scales).length > 0) writeWhole(file, `${JSON.stringify(scales)}\n`, { force: true, mode: OWNER_ONLY })
  else if (existsSync(file)) unlinkSync(file)
}

/** Adds a number for a program; undefined when there is no such program. */
export function withScale(
  scales: Scales,
  tables: readonly Table[],
  name: string,
  numprocs: number,
): Scales | undefined {
  const table = tables.find((one) => isProgram(one, name))
  return table && { ...scales, [name]: { numprocs, written: writtenIn(table) } }
}

/** The tables with these numbers; their places are in `file`. */
export function scaled(tables: readonly Table[], scales: Scales, file: string): readonly Table[] {
  return tables.map((table) => {
    const scale = isProgram(table, table.name) ? scales[table.name] : undefined
    if (scale === undefined) return table
    const entry = { key: 'numprocs', value: scale.numprocs, place: { file, line: 1, column: 1 } }
    return { ...table, entries: [...table.entries.filter(({ key }) => key !== entry.key), entry] }
  })
}

function isProgram({ kind, name }: Table, wanted: string): boolean {
  return KINDS.includes(kind) && name === wanted
}

function writtenIn(table: Table): string | null {
  const entry = findEntry(table, 'numprocs')
  return entry === undefined ? null : String(entry.value)
}
