// Old files → Document, whatever their format.

import type { Machine } from '../config/config.ts'
import { ConfigError } from '../config/diagnostic.ts'
import type { Conversion, ConvertOptions } from './format.ts'
import { formats } from './formats.ts'

/** Converts the file with all that belongs to it. Throws ConfigError with every error found. */
export function convert(path: string, machine: Machine, options: ConvertOptions = {}): Conversion {
  const format = formats.find((candidate) => candidate.accepts(path))
  if (format === undefined) throw new ConfigError([{ severity: 'error', message: `Cannot tell what ${path} is` }])
  return format.convert(path, machine, options)
}
