// The report of an export: for every key that the file has, what the table of the target says about it. A loss is a
// warning at the place of the key; what follows from a default, or belongs to the daemon, is a note.

import type { Diagnostic, Place } from '../../../config/model/diagnostic.ts'
import { type Entry, findEntry, type Table, tableName } from '../../../config/keys/document.ts'
import { isDefault, type KeyTable } from '../../../config/keys/key.ts'
import { tableRow } from '../../../config/keys/tables.ts'
import type { Plan } from './plan.ts'
import type { Unit } from './unit.ts'
import type { Says, Saying, WholeTable } from './target.ts'

/** A note names at most so many units. */
const MOST_NAMED = 3

/** All losses and notes, in the order of the file. */
export function reportLosses({ document, units }: Plan, says: Says, title: string): readonly Diagnostic[] {
  const byTable = new Map<Table, Unit[]>()
  for (const unit of units) byTable.set(unit.table, [...(byTable.get(unit.table) ?? []), unit])
  const found = document.tables.flatMap((table) => reportTable(table, byTable.get(table) ?? [], says, title))
  return [...found, ...reportNotes(units, says)]
}

function reportTable(table: Table, units: readonly Unit[], says: Says, title: string): readonly Diagnostic[] {
  const rows: KeyTable = tableRow(table.kind).keys
  const whole = isWhole(says, table.kind) ? says.tables[table.kind] : undefined
  if (whole !== undefined && whole.verdict !== 'kept' && whole.verdict !== 'changed') {
    const message = `[${tableName(table)}] is left out: ${whole.how}`
    return [{ severity: whole.verdict === 'lost' ? 'warning' : 'note', message, place: table.place }]
  }
  if (table.kind === 'supervisor') return reportSupervisor(table, says)
  const found = table.entries.flatMap((entry) => {
    const row = rows[entry.key]
    const saying = sayingOf(says, entry.key)
    if (row === undefined || saying === undefined || isDefault(entry.value, row)) return []
    return reportEntry(table, entry, saying, { units, title })
  })
  return [...found, ...(whole?.loss === undefined ? [] : reportWhole(table, units, whole))]
}

function isWhole(says: Says, kind: string): kind is WholeTable {
  return kind in says.tables
}

function sayingOf(says: Says, key: string): Saying | undefined {
  const all: Readonly<Record<string, Saying | undefined>> = { ...says.oneshot, ...says.program }
  return all[key]
}

function reportWhole(table: Table, units: readonly Unit[], { loss }: Saying): readonly Diagnostic[] {
  const [reason] = units.flatMap((unit) => loss?.(unit) ?? [])
  return reason === undefined ? [] : [warn(`[${tableName(table)}] is not quite the same there: ${reason}`, table.place)]
}

function reportEntry(
  table: Table,
  entry: Entry,
  { verdict, how, loss }: Saying,
  { units, title }: { readonly units: readonly Unit[]; readonly title: string },
): readonly Diagnostic[] {
  if (verdict === 'lost')
    return [warn(`${title} has nothing like "${entry.key}" of [${tableName(table)}]: ${how}`, entry.place)]
  const [reason] = units.flatMap((unit) => loss?.(unit) ?? [])
  if (reason === undefined) return []
  return [warn(`"${entry.key}" of [${tableName(table)}] is not quite the same there: ${reason}`, entry.place)]
}

/** Keys of the daemon itself are named in one note; a loss among them is a warning. */
function reportSupervisor(table: Table, says: Says): readonly Diagnostic[] {
  const rows: KeyTable = tableRow('supervisor').keys
  const sayings: Readonly<Record<string, Saying | undefined>> = says.supervisor
  const written = table.entries.filter(({ key, value }) => rows[key] !== undefined && !isDefault(value, rows[key]))
  const own = written.filter(({ key }) => sayings[key]?.verdict === 'daemon').map(({ key }) => key)
  const gone = written.filter(({ key }) => sayings[key]?.verdict === 'lost')
  const message = `[supervisor] ${own.join(', ')}: left out, because kahi's daemon is not there`
  return [
    ...(own.length === 0 ? [] : [{ severity: 'note' as const, message, place: table.place }]),
    ...gone.map(({ key, place }) => warn(`"${key}" of [supervisor] is lost: ${sayings[key]?.how ?? ''}`, place)),
  ]
}

/** What is different without a loss, or because of a default: one note for each difference. */
function reportNotes(units: readonly Unit[], says: Says): readonly Diagnostic[] {
  const found = new Map<string, string[]>()
  const add = (key: string, reason: string, name: string): void => {
    const known = found.get(`"${key}": ${reason}`)
    if (known === undefined) found.set(`"${key}": ${reason}`, [name])
    else known.push(name)
  }
  for (const [key, { loss, note }] of Object.entries<Saying>({ ...says.program, ...says.oneshot })) {
    for (const unit of loss === undefined && note === undefined ? [] : units) {
      const reason = findEntry(unit.table, key) === undefined ? loss?.(unit) : undefined
      const remark = note?.(unit)
      if (reason !== undefined) add(key, reason, unit.name)
      if (remark !== undefined) add(key, remark, unit.name)
    }
  }
  return [...found].map(([what, names]) => {
    const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : ''
    return { severity: 'note', message: `${names.slice(0, MOST_NAMED).join(', ')}${more}: ${what}` }
  })
}

function warn(message: string, place: Place): Diagnostic {
  return { severity: 'warning', message, place }
}
