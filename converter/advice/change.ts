// Changes of a Document that advice proposes: shows them as lines of TOML, or makes them.

import type { Comment, Document, Entry, Table } from '../../config/keys/document.ts'
import { tableName } from '../../config/keys/document.ts'
import { HIDDEN, withoutSecrets } from '../../config/values/secrets.ts'
import type { Value } from '../../config/model/value.ts'
import { writeDocument, writeValue } from '../../config/toml/write.ts'
import type { Written } from '../format.ts'
import type { Advice, Change, TableId } from './advice.ts'

/**
 * The lines to write. An existing table gets these keys, or they replace its own; `[oneshots.x]` replaces
 * `[programs.x]`.
 */
export function showChanges(document: Document, changes: readonly Change[]): string {
  const isGone = ({ becomes }: Change): boolean => becomes === null
  const tables = changes.filter((change) => !isGone(change)).map((change) => showChange(document, change))
  const text = tables.length === 0 ? '' : writeDocument({ file: '', here: '', tables }).trimEnd()
  const gone = changes.filter(isGone).map(({ table }) => `# without [${tableName(table)}]`)
  const hidden = text.includes(HIDDEN) ? [`# ${HIDDEN}: a value that only the old file shows`] : []
  return [...(text === '' ? [] : [text]), ...gone, ...hidden].join('\n\n')
}

function showChange(document: Document, change: Change): Table {
  const { table, becomes, note } = change
  const before = findTable(document, table)
  const after = changeTable(before ?? emptyTable(table), change)
  const isWhole = before === undefined || becomes !== undefined
  const kept = after.entries.filter(({ key }) => isWhole || change.set?.[key] !== undefined)
  const gone = isWhole ? [] : (change.unset ?? []).map((key) => `without ${key}`)
  const said = [...gone, ...(note === undefined ? [] : [note])].map((text) => ({ text, place: after.place }))
  const entries = kept.map(({ key, value, place }) => ({ key, value: withoutSecrets(key, value) as Value, place }))
  return { kind: after.kind, name: after.name, place: after.place, entries, after: said }
}

/** A Document with changes, and the replacement of each changed part. */
export interface Changed {
  readonly document: Document
  readonly replacements: ReadonlyMap<Written, Written>
}

/** Makes the changes of a piece of advice, with comments that say what was changed and why. */
export function makeChanges(document: Document, { changes, reason }: Advice): Changed {
  const replacements = new Map<Written, Written>()
  const note = (before: Written | undefined, after: Written): void => {
    if (before !== undefined && before !== after) replacements.set(before, after)
  }
  return { document: changes.reduce((one, change) => makeChange(one, change, reason, note), document), replacements }
}

type Note = (before: Written | undefined, after: Written) => void

function makeChange(document: Document, change: Change, reason: string, note: Note): Document {
  const index = document.tables.findIndex((table) => isSame(table, change.table))
  const before = document.tables[index] ?? emptyTable(change.table)
  const say = (text: string): Comment => ({ text, place: before.place })
  if (change.becomes === null) {
    const { comments = [], after = [], ...bare } = before
    const lines = writeDocument({ file: '', here: '', tables: [bare] })
      .trimEnd()
      .split('\n')
    const left = [...comments, say(`modernized, taken out: ${reason}`), ...lines.map(say), ...after]
    note(before, left[comments.length] ?? say(''))
    return leave(document, index, left)
  }
  const changed = changeTable(before, change)
  const entries = changed.entries.map((entry) => explain(entry, before, change, say))
  for (const entry of entries) note(findOld(before, entry, change), entry)
  const removed = before.entries.filter(({ key }) => change.unset?.includes(key))
  const lines = removed.flatMap((entry) => [...(entry.comments ?? []), say(`was: ${show(entry)}`)])
  const why = say(`modernized: ${reason}`)
  const table: Table = {
    ...changed,
    entries,
    comments: [...(before.comments ?? []), why],
    after: [...(before.after ?? []), ...lines],
  }
  note(before, table)
  for (const entry of removed) note(entry, table)
  if (index < 0) return { ...document, tables: [...document.tables, table] }
  return { ...document, tables: document.tables.map((one, place) => (place === index ? table : one)) }
}

/** Adds a comment with the old value above a changed entry. */
function explain(entry: Entry, before: Table, change: Change, say: (text: string) => Comment): Entry {
  const old = findOld(before, entry, change)
  if (old === entry) return entry
  const was = old === undefined || old.value === entry.value ? [] : [say(`was: ${show(old)}`)]
  return { ...entry, comments: [...(entry.comments ?? []), ...was] }
}

function findOld(before: Table, { key }: Entry, change: Change): Entry | undefined {
  return before.entries.find((old) => old.key === key || (key === 'up' && isRenamed(old.key, change)))
}

/** The command of a oneshot is called `up`. */
function isRenamed(key: string, { becomes }: Change): boolean {
  return key === 'command' && becomes?.kind === 'oneshots'
}

function show({ key, value, remark }: Entry): string {
  return `${key} = ${writeValue(value)}${remark === undefined ? '' : `  # ${remark}`}`
}

/** Removes a table. Its comments are moved to the next table, or to the end. */
function leave(document: Document, index: number, left: readonly Comment[]): Document {
  const next = document.tables[index + 1]
  const tables = document.tables.filter((_, place) => place !== index)
  if (next === undefined) return { ...document, tables, footer: [...left, ...(document.footer ?? [])] }
  const comments = [...left, { text: null, place: next.place }, ...(next.comments ?? [])]
  return { ...document, tables: tables.map((table) => (table === next ? { ...table, comments } : table)) }
}

function changeTable(before: Table, { table, becomes, set = {}, unset = [] }: Change): Table {
  const { kind, name } = becomes ?? table
  const isUp = (key: string): boolean => key === 'command' && 'up' in set
  const kept = before.entries.flatMap((entry): Entry[] => {
    const key = isUp(entry.key) ? 'up' : entry.key
    const value = set[key]
    if (value !== undefined) return [{ ...entry, key, value }]
    return unset.includes(key) ? [] : [entry]
  })
  const added = Object.entries(set).filter(([key]) => kept.every((entry) => entry.key !== key))
  const entries = [...kept, ...added.map(([key, value]) => ({ key, value, place: before.place }))]
  return { ...before, kind, name, entries }
}

function findTable({ tables }: Document, id: TableId): Table | undefined {
  return tables.find((table) => isSame(table, id))
}

function isSame(table: TableId, { kind, name }: TableId): boolean {
  return table.kind === kind && table.name === name
}

function emptyTable({ kind, name }: TableId): Table {
  return { kind, name, place: { file: '', line: 1, column: 1 }, entries: [] }
}
