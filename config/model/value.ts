// Values of TOML.

/** A value of TOML. */
export type Value = string | number | bigint | boolean | readonly Value[] | { readonly [key: string]: Value }

/** Whether a value is a list. */
export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}
