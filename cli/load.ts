// Loads a configuration of any format.

import type { Machine } from '../config/model/machine.ts'
import type { Config, Loaded, Resolved } from '../config/settings/config.ts'
import { ConfigError } from '../config/model/diagnostic.ts'
import type { Document } from '../config/keys/document.ts'
import { tableRow } from '../config/keys/tables.ts'
import { resolveDocument } from '../config/resolve/resolve.ts'
import type { ResolveOptions } from '../config/resolve/resolver.ts'
import type { Source } from '../converter/format.ts'
import { identify } from '../converter/identify.ts'

/** What clients read of a configuration. */
export interface Control extends Pick<Config, 'servers' | 'ctl' | 'peers'> {
  /** The name of its format. */
  readonly format: string
}

/**
 * Reads only the addresses of the daemon and the settings of its clients. What its programs need (variables, users,
 * directories) is not checked: a client may run on another machine. Throws ConfigError.
 */
export function loadControl(path: string, machine: Machine): Control {
  const source = identify(path)
  const { document } = source.convert(machine, { forClients: true })
  const tables = document.tables.filter(({ kind }) => tableRow(kind).isForClients)
  const { servers, ctl, peers } = resolveDocument({ ...document, tables }, machine, { assumeImage: true }).config
  return { servers, ctl, peers, format: source.format }
}

/** Options of loadAny(). */
export interface LoadOptions extends ResolveOptions {
  /** The name of its format; undefined to detect it. */
  readonly format?: string | undefined
}

/** A configuration, and what it was read from. */
export interface LoadedDocument extends Loaded {
  readonly document: Document
}

/** Reads and checks a configuration of any format. Throws ConfigError with all errors. */
export function loadAny(path: string, given: Machine, { format, ...options }: LoadOptions = {}): LoadedDocument {
  const source = identify(path, { format })
  const prepared = options.assumeImage === true ? source.prepare?.(given) : undefined
  const { machine, diagnostics: unset } = prepared ?? { machine: given, diagnostics: [] }
  const conversion = source.convert(machine)
  const before = [...unset, ...conversion.diagnostics]
  try {
    const { document } = conversion
    const { config, diagnostics, tables } = resolveSource(source, document, machine, options)
    return { config, diagnostics: [...before, ...diagnostics], document: { ...document, tables } }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new ConfigError([...before, ...error.diagnostics])
  }
}

/** Resolves a converted document. Errors are in the words of the file that the user wrote. Throws ConfigError. */
export function resolveSource(source: Source, document: Document, machine: Machine, options: ResolveOptions): Resolved {
  const say = source.inOwnWords ?? ((found) => found)
  try {
    const { diagnostics, ...loaded } = resolveDocument(document, machine, options)
    return { ...loaded, diagnostics: diagnostics.map(say) }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new ConfigError(error.diagnostics.map(say))
  }
}
