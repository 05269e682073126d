// What a key of kahi.toml is: one row says its type, its default, what it means and what supervisord
// calls it. Reading, defaults, the sample file, help, the converter and the reference all use the row.

import type { Names } from './expand.ts'
import type { ValueType } from './values.ts'

/** Which names an expansion in the value may use: those of the daemon, of the program, or of one process of it. */
export type Scope = 'daemon' | 'program' | 'process'

/** One key. */
export interface Key<T> {
  readonly type: ValueType<T>
  /** Used when the key is absent. */
  readonly fallback: T
  /** One or two sentences for the reference and the sample file. */
  readonly doc: string
  readonly scope: Scope
  /** What supervisord calls it; undefined when it has no such key. */
  readonly supervisord: string | undefined
  /** What supervisord does without the key, where that is not what kahi does: written out by the converter. */
  readonly supervisordDefault: string | undefined
  readonly required: boolean
}

/** A table of keys, in the order in which they are written. */
export type KeyTable = Readonly<Record<string, Key<unknown>>>

/** The values that a table of keys gives. */
export type Settings<T> = { readonly [K in keyof T]: T[K] extends Key<infer V> ? V : never }

/** What a row may say besides type, default and doc. */
export interface KeyOptions {
  readonly scope?: Scope
  readonly supervisord?: string
  readonly supervisordDefault?: string
  readonly required?: boolean
}

/** A row. `supervisord: ''` says that supervisord has no such key; left out, the name is the same. */
export function key<T>(type: ValueType<T>, fallback: T, doc: string, options: KeyOptions = {}): Key<T> {
  const { scope = 'program', supervisord, supervisordDefault, required = false } = options
  return { type, fallback, doc, scope, supervisord, supervisordDefault, required }
}

/** A row of a key that may be absent. */
export function optionalKey<T>(type: ValueType<T>, doc: string, options: KeyOptions = {}): Key<T | undefined> {
  return key<T | undefined>(type, undefined, doc, options)
}

/** The name of a key in supervisord.conf. */
export function supervisordName(name: string, row: Key<unknown>): string | undefined {
  return row.supervisord === '' ? undefined : (row.supervisord ?? name)
}

const indexes = new WeakMap<KeyTable, ReadonlyMap<string, readonly [string, Key<unknown>]>>()

/** The rows of a table, each with its name, by the names that supervisord.conf has for them. */
export function bySupervisordName(keys: KeyTable): ReadonlyMap<string, readonly [string, Key<unknown>]> {
  const known = indexes.get(keys)
  if (known !== undefined) return known
  const index = new Map<string, readonly [string, Key<unknown>]>()
  for (const [name, row] of Object.entries(keys)) {
    const old = supervisordName(name, row)
    if (old !== undefined && !index.has(old)) index.set(old, [name, row])
  }
  indexes.set(keys, index)
  return index
}

/** The names an expansion may use, by scope. */
export type ScopedNames = Readonly<Record<Scope, Names>>
