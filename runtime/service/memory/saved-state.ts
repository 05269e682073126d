// Whether a saved state is one of a state machine. Each machine has a table with the required fields of its states; the
// compiler derives the table from the type of the state, so that a new field cannot be left out.

import type { SavedState } from './note.ts'

/** The result of typeof for values of a type. */
type KindOf<V> = V extends string ? 'string' : V extends number ? 'number' : V extends boolean ? 'boolean' : 'object'

type IsRequired<T, K extends keyof T> = object extends Pick<T, K> ? false : true

type RequiredFields<T> = {
  readonly [K in keyof T as K extends 'name' ? never : IsRequired<T, K> extends true ? K : never]: KindOf<T[K]>
}

/** The required fields of each state, with their types. */
export type StateFields<S extends { readonly name: string }> = {
  readonly [N in S['name']]: RequiredFields<Extract<S, { readonly name: N }>>
}

/** Whether the saved state has a name of the machine and the required fields of that state. */
export function isStateOf<S extends { readonly name: string }>(
  fields: StateFields<S>,
  saved: SavedState,
): saved is SavedState & S {
  const table: Readonly<Record<string, Readonly<Record<string, string>>>> = fields
  const kinds = Object.entries(table).find(([name]) => name === saved.name)?.[1]
  return kinds !== undefined && Object.entries(kinds).every(([key, kind]) => hasKind(saved[key], kind))
}

function hasKind(value: unknown, kind: string): boolean {
  return value !== null && typeof value === kind
}
