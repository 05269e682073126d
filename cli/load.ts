// Loads a configuration of any kind: kahi.toml as it is, everything else through the converters.

import type { Loaded, Machine } from '../config/config.ts'
import { ConfigError } from '../config/diagnostic.ts'
import { readConfigFile } from '../config/read.ts'
import { resolveDocument } from '../config/resolve.ts'
import type { ResolveOptions } from '../config/resolver.ts'
import { convert } from '../converter/convert.ts'
import type { ConvertOptions } from '../converter/format.ts'

/** Reads and validates the file; `.toml` is kahi's own, anything else is converted. Throws ConfigError with all findings. */
export function loadAny(path: string, machine: Machine, options: ResolveOptions & ConvertOptions = {}): Loaded {
  if (path.endsWith('.toml')) return readConfigFile(path, machine, options)
  const conversion = convert(path, machine, options)
  try {
    const { config, diagnostics } = resolveDocument(conversion.document, machine, options)
    return { config, diagnostics: [...conversion.diagnostics, ...diagnostics] }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new ConfigError([...conversion.diagnostics, ...error.diagnostics])
  }
}
