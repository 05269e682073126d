// The type of a key of kahi.toml. One row contains its type, its default, its text and its name in supervisord.conf.
// Reading, defaults, the sample file, the help, the converter and the reference all use this row.

import { isDeepStrictEqual } from 'node:util'
import type { Value } from '../model/value.ts'
import type { Names } from '../values/expand.ts'
import { ValueError, type ValueType } from '../values/values.ts'

/** The names that expansions in the value may use: those of the daemon, of the program, or of a single process. */
export type Scope = 'daemon' | 'program' | 'process'

/** One key. */
export interface Key<T> {
  readonly type: ValueType<T>
  /** The value when the key is absent. */
  readonly fallback: T
  /** One or two sentences for the reference and the sample file. */
  readonly doc: string
  readonly scope: Scope
  /** Its name in supervisord.conf; undefined when supervisord has no such key. */
  readonly supervisord: string | undefined
  /**
   * The behaviour of supervisord without the key, where it differs from kahi's: the converter writes it into the TOML.
   */
  readonly supervisordDefault: string | undefined
  readonly required: boolean
  /** A changed value is applied while the process runs: only kahi uses it, and reads it when it needs it. */
  readonly live: boolean
}

/** A table of keys, in the order in which they are written. */
export type KeyTable = Readonly<Record<string, Key<unknown>>>

/** The values of a table of keys. */
export type Settings<T> = { readonly [K in keyof T]: T[K] extends Key<infer V> ? V : never }

/** The other properties of a row. */
export interface KeyOptions {
  readonly scope?: Scope
  readonly supervisord?: string
  readonly supervisordDefault?: string
  readonly required?: boolean
  readonly live?: boolean
}

/** Makes a row. `supervisord: ''` means that supervisord has no such key; when it is left out, the name is the same. */
export function key<T>(type: ValueType<T>, fallback: T, doc: string, options: KeyOptions = {}): Key<T> {
  const { scope = 'program', supervisord, supervisordDefault, required = false, live = false } = options
  return { type, fallback, doc, scope, supervisord, supervisordDefault, required, live }
}

/** Makes a row for a key without a default. */
export function optionalKey<T>(type: ValueType<T>, doc: string, options: KeyOptions = {}): Key<T | undefined> {
  return key<T | undefined>(type, undefined, doc, options)
}

/** The name of a key in supervisord.conf. */
export function supervisordName(name: string, row: Key<unknown>): string | undefined {
  return row.supervisord === '' ? undefined : (row.supervisord ?? name)
}

/** Whether a written value is the default; a value with expansions, or an invalid one, is not. */
export function isDefault(value: Value, { type, fallback }: Key<unknown>): boolean {
  try {
    const read = typeof value === 'string' ? type.fromText(value) : type.fromToml?.(value)
    return isDeepStrictEqual(read, fallback)
  } catch (error) {
    if (error instanceof ValueError) return false
    throw error
  }
}

const indexes = new WeakMap<KeyTable, ReadonlyMap<string, readonly [string, Key<unknown>]>>()

/** The rows of a table with their names, by their names in supervisord.conf. */
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

/** The names that expansions may use, by scope. */
export type ScopedNames = Readonly<Record<Scope, Names>>
