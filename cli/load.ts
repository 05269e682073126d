// Loads a configuration of any kind: kahi.toml as it is, everything else through the converters.

import type { Config, Loaded, Machine } from '../config/config.ts'
import { ConfigError } from '../config/diagnostic.ts'
import type { TableKind } from '../config/document.ts'
import { readConfigFile, readDocument } from '../config/read.ts'
import { readText } from '../config/read-text.ts'
import { resolveDocument } from '../config/resolve.ts'
import type { ResolveOptions } from '../config/resolver.ts'
import { convert } from '../converter/convert.ts'
import type { ConvertOptions } from '../converter/format.ts'

const DOORS: readonly TableKind[] = ['ctl', 'server.unix', 'server.http']

/**
 * Where the daemon of that file listens and what its clients use. What its programs need (variables, users,
 * directories) is not asked for: a client may run elsewhere. Throws ConfigError.
 */
export function loadDoors(path: string, machine: Machine): Pick<Config, 'servers' | 'ctl'> {
  const document = path.endsWith('.toml')
    ? readDocument(readText(path), path, machine)
    : convert(path, machine, { only: isDoor }).document
  const tables = document.tables.filter(({ kind }) => DOORS.includes(kind))
  return resolveDocument({ ...document, tables }, machine, { assumeImage: true }).config
}

/** Whether a section of supervisord.conf says where the daemon listens or what its clients use. */
function isDoor(section: string): boolean {
  return /^(?:unix_http_server|inet_http_server|supervisorctl$)/.test(section)
}

/** How loadAny() reads a file. */
export interface LoadOptions extends ResolveOptions, ConvertOptions {
  /** What the file is; else `.toml` is kahi's own, and anything else is converted. */
  readonly format?: string | undefined
}

/** Reads and validates the file. Throws ConfigError with all findings. */
export function loadAny(path: string, machine: Machine, options: LoadOptions = {}): Loaded {
  const { format = path.endsWith('.toml') ? 'kahi' : 'supervisord' } = options
  if (format === 'kahi') return readConfigFile(path, machine, options)
  const conversion = convert(path, machine, options)
  try {
    const { config, diagnostics } = resolveDocument(conversion.document, machine, options)
    return { config, diagnostics: [...conversion.diagnostics, ...diagnostics] }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new ConfigError([...conversion.diagnostics, ...error.diagnostics])
  }
}
