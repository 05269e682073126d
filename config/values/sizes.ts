// Sizes with limits.

import { bytes, ValueError, type ValueType } from './values.ts'

/** A size with limits. */
export function bytesBetween(least: number, most: number): ValueType<number> {
  const check = (number: number): number => {
    if (number >= least && number <= most) return number
    throw new ValueError(`it is not between ${show(least)} and ${show(most)}`)
  }
  return {
    ...bytes,
    name: `size from ${show(least)} to ${show(most)}`,
    fromText: (value) => check(bytes.fromText(value)),
    fromToml: (value) => (typeof value === 'number' && Number.isInteger(value) ? check(value) : undefined),
  }
}

function show(size: number): string {
  return String(bytes.toToml?.(size) ?? size)
}
