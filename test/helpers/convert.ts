// Converts a path in one call, for tests.

import type { Machine } from '../../config/model/machine.ts'
import type { Asked, Conversion, ConvertOptions, Witness } from '../../converter/format.ts'
import { identify } from '../../converter/identify.ts'

/** Identifies and converts. Throws ConfigError. */
export function convert(path: string, machine: Machine, options: ConvertOptions = {}): Conversion {
  const { absoluteHere = false } = options
  return identify(path, askedOf(options)).convert(machine, { absoluteHere })
}

/** The second reader of the same files. */
export function witness(path: string, machine: Machine, options: ConvertOptions = {}): Witness {
  return identify(path, askedOf(options)).witness(machine)
}

function askedOf({ text, sources = [], bases, inline, translate, at }: ConvertOptions): Asked {
  return { text, sources, options: { base: bases, inline, translate, at } }
}
