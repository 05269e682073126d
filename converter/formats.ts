// The formats that kahi converts from, one line each.

import type { Machine } from '../config/config.ts'
import type { Conversion, ConvertOptions } from './format.ts'
import { convertSupervisord } from './supervisord/convert.ts'

/** An input format. */
export interface Format {
  readonly name: string
  /** Whether a file of this name is likely to be one. */
  accepts(path: string): boolean
  /** Reads it with all that belongs to it. Throws ConfigError. */
  convert(path: string, machine: Machine, options: ConvertOptions): Conversion
}

/** All formats; the first that accepts a path is used, the last accepts everything. */
export const formats: readonly Format[] = [{ name: 'supervisord', accepts: () => true, convert: convertSupervisord }]
