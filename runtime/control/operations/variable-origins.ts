// Where the variables of a process come from, for clients: the key and its place, or the file of variables.

import { type Entry, findEntry, type Table, tableName } from '../../../config/keys/document.ts'
import { ConfigError, formatPlace } from '../../../config/model/diagnostic.ts'
import type { ControlledConfiguration, ControlledService, Variable } from './supervised.ts'

/** Describes the origin of a variable of that service. Places are left out while the configuration on disk is invalid. */
export async function originsOf(
  service: Pick<ControlledService, 'settings' | 'info'>,
  configuration: ControlledConfiguration,
): Promise<(variable: Variable) => string> {
  const { settings } = service
  const isOneshot = service.info().kind === 'oneshot'
  const kinds = isOneshot ? ['oneshots'] : ['programs', 'event_listeners', 'fcgi_programs']
  const tables = await readTables(configuration)
  const own = tables.find(({ kind, name }) => kinds.includes(kind) && name.trim() === settings.program)
  const daemon = tables.find(({ kind }) => kind === 'supervisor')
  const shared = configuration.last.supervisor.environment
  return ({ name, value, origin }) => {
    if (origin === 'env_file') return `env_file ${settings.env_file?.origins[name] ?? ''}`.trimEnd()
    if (origin !== 'configuration') return origin
    if (shared[name] === value) return describe('supervisor', daemon, name)
    return describe(own === undefined ? `${kinds[0] ?? ''}.${settings.program}` : tableName(own), own, name)
  }
}

async function readTables(configuration: ControlledConfiguration): Promise<readonly Table[]> {
  try {
    return (await configuration.inForce()).tables
  } catch (error) {
    if (error instanceof ConfigError) return []
    throw error
  }
}

/** `[defaults.programs] environment at kahi.toml:3:1`. */
function describe(title: string, table: Table | undefined, variable: string): string {
  const entry = table && findEntry(table, 'environment')
  const part = entry?.parts?.findLast(({ value }) => hasVariable(value, variable)) ?? entry
  const place = part === undefined ? '' : ` at ${formatPlace(part.place)}`
  return `[${part?.from ?? title}] environment${place}`
}

function hasVariable(value: Entry['value'], name: string): boolean {
  return typeof value === 'object' && Object.hasOwn(value, name)
}
