// A configuration as written, before anything is expanded: tables with entries in source order, each
// with its place and the comments beside it. TOML is read into one and written from one; converters make one.

import type { Place } from './diagnostic.ts'

/** A value as TOML can hold it. */
export type Value = string | number | bigint | boolean | readonly Value[] | { readonly [key: string]: Value }

/** A comment line, or an empty line between comments. */
export interface Comment {
  /** Without `#`; null for an empty line. */
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
  /** At the end of the line. */
  readonly remark?: string | undefined
}

/** The tables that kahi.toml may hold. Those with a name are written `[kind.name]`. */
export const TABLE_KINDS = [
  'supervisor',
  'server.unix',
  'server.http',
  'ctl',
  'programs',
  'oneshots',
  'bundles',
  'groups',
  'event_listeners',
  'fcgi_programs',
] as const

/** One of TABLE_KINDS. */
export type TableKind = (typeof TABLE_KINDS)[number]

/** `[programs.web]` with its entries. */
export interface Table {
  readonly kind: TableKind
  /** `web` of `[programs.web]`; empty where the kind takes no name. */
  readonly name: string
  readonly place: Place
  readonly entries: readonly Entry[]
  /** It is in no file of the configuration: it came while the daemon ran. */
  readonly isDynamic?: boolean
  /** Whole lines above the table. */
  readonly comments?: readonly Comment[] | undefined
  /** At the end of the line with the name. */
  readonly remark?: string | undefined
  /** Whole lines below the last entry. */
  readonly after?: readonly Comment[] | undefined
}

/** A whole configuration as written, includes merged. */
export interface Document {
  /** The main file, absolute. */
  readonly file: string
  /** What `%(here)s` stands for: the directory of the main file. */
  readonly here: string
  readonly tables: readonly Table[]
  /** Comment lines at the top. */
  readonly header?: readonly string[] | undefined
  /** Lines at the end. */
  readonly footer?: readonly Comment[] | undefined
}

/** `programs.web`, for messages. */
export function tableName(table: Pick<Table, 'kind' | 'name'>): string {
  return table.name === '' ? table.kind : `${table.kind}.${table.name}`
}

/** The entry of that key, if it is there. */
export function findEntry(table: Table, key: string): Entry | undefined {
  return table.entries.find((entry) => entry.key === key)
}
