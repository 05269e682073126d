// A configuration as written, before anything is expanded: tables with entries in the order of the file, each with its
// place and the comments beside it. TOML is read into a Document and written from one; converters make one.

import type { Diagnostic, Place } from '../model/diagnostic.ts'
import type { Value } from '../model/value.ts'
import type { TableKind } from './tables.ts'

/** A comment line, or an empty line between comments. */
export interface Comment {
  /** The text without `#`; null for an empty line. */
  readonly text: string | null
  readonly place: Place
}

/** `key = value`. */
export interface Entry {
  readonly key: string
  readonly value: Value
  readonly place: Place
  /** Whole lines above the entry. */
  readonly comments?: readonly Comment[] | undefined
  /** The comment at the end of the line. */
  readonly remark?: string | undefined
  /** The table that it was inherited from, such as `defaults.programs`. */
  readonly from?: string
  /** The entries of several tables that this one was made of; later ones have priority. */
  readonly parts?: readonly Entry[]
}

/** `[programs.web]` with its entries. */
export interface Table {
  readonly kind: TableKind
  /** `web` of `[programs.web]`; empty for a kind without names. */
  readonly name: string
  readonly place: Place
  readonly entries: readonly Entry[]
  /** It is in no configuration file: it was added while the daemon runs. */
  readonly isDynamic?: boolean
  /** Whole lines above the table. */
  readonly comments?: readonly Comment[] | undefined
  /** The comment at the end of the line with the name. */
  readonly remark?: string | undefined
  /** Whole lines below the last entry. */
  readonly after?: readonly Comment[] | undefined
}

/** A whole configuration as written, together with the files that it includes. */
export interface Document {
  /** Absolute path of the main file. */
  readonly file: string
  /** The value of `%(here)s`: the directory of the main file. */
  readonly here: string
  readonly tables: readonly Table[]
  /** Errors that were found while the file was read; resolveDocument adds the others. */
  readonly mistakes?: readonly Diagnostic[]
  /** Comment lines at the beginning of the file. */
  readonly header?: readonly string[] | undefined
  /** Comment lines at the end of the file. */
  readonly footer?: readonly Comment[] | undefined
}

/** `programs.web`, for messages. */
export function tableName(table: Pick<Table, 'kind' | 'name'>): string {
  return table.name === '' ? table.kind : `${table.kind}.${table.name}`
}

/** The entry of that key; undefined when it is absent. */
export function findEntry(table: Table, key: string): Entry | undefined {
  return table.entries.find((entry) => entry.key === key)
}
