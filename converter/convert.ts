// Old files → Document, whatever their format.

import type { Machine } from '../config/config.ts'
import { ConfigError } from '../config/diagnostic.ts'
import type { Conversion, ConvertOptions, Witness } from './format.ts'
import { type Format, formats } from './formats.ts'
import { explainErrors, findTemplate } from './template.ts'

/** Converts the file with all that belongs to it. Throws ConfigError with every error found, one for a template. */
export function convert(path: string, machine: Machine, options: ConvertOptions = {}): Conversion {
  const format = findFormat(path, options)
  const conversion = explaining(options.text, () => format.convert(path, machine, options))
  const template = findTemplate(conversion.document.tables)
  if (template !== undefined) throw new ConfigError([template])
  return conversion
}

/** The second reader of the same files, for the proof that a conversion is right. Throws ConfigError. */
export function witness(path: string, machine: Machine, options: ConvertOptions = {}): Witness {
  return findFormat(path, options).witness(path, machine, options)
}

function findFormat(path: string, { format: name }: ConvertOptions): Format {
  const format = formats.find((candidate) => (name === undefined ? candidate.accepts(path) : candidate.name === name))
  if (format === undefined) throw new ConfigError([{ severity: 'error', message: `Cannot tell what ${path} is` }])
  return format
}

function explaining(text: string | undefined, read: () => Conversion): Conversion {
  try {
    return read()
  } catch (error) {
    const template = error instanceof ConfigError ? explainErrors(error.diagnostics, text) : undefined
    throw template === undefined ? error : new ConfigError([template])
  }
}
