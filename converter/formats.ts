// The formats that kahi converts from, one line each.

import type { Machine } from '../config/config.ts'
import type { Conversion, ConvertOptions, Witness } from './format.ts'
import { convertS6Overlay } from './s6-overlay/convert.ts'
import { witnessS6Overlay } from './s6-overlay/expected.ts'
import { isImage } from './s6-overlay/image.ts'
import { convertS6Rc } from './s6-rc/convert.ts'
import { witnessS6Rc } from './s6-rc/expected.ts'
import { findSource } from './s6-rc/load.ts'
import { convertSupervisord } from './supervisord/convert.ts'
import { witnessSupervisord } from './supervisord/expected.ts'

/** An input format. */
export interface Format {
  readonly name: string
  /** Whether a file of this name is likely to be one. */
  accepts(path: string): boolean
  /** Reads it with all that belongs to it. Throws ConfigError. */
  convert(path: string, machine: Machine, options: ConvertOptions): Conversion
  /** Reads it a second time, in another way. Throws ConfigError. */
  witness(path: string, machine: Machine, options: ConvertOptions): Witness
}

/** All formats; the first that accepts a path is used, the last accepts everything. */
export const formats: readonly Format[] = [
  { name: 's6-overlay', accepts: isImage, convert: convertS6Overlay, witness: witnessS6Overlay },
  { name: 's6-rc', accepts: (path) => findSource(path) !== undefined, convert: convertS6Rc, witness: witnessS6Rc },
  { name: 'supervisord', accepts: () => true, convert: convertSupervisord, witness: witnessSupervisord },
]
