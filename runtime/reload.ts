// SIGHUP: reads the configuration again and applies what changed. A file that cannot be used changes nothing.

import { isDeepStrictEqual } from 'node:util'
import type { Config, ConfigSource, Loaded, SupervisorSettings } from '../config/config.ts'
import { ConfigError, type Diagnostic, formatDiagnostic } from '../config/diagnostic.ts'
import type { Logger } from './log/sink.ts'
import type { Supervisor } from './supervisor.ts'

/** What a reload needs. */
export interface Reloader {
  readonly source: ConfigSource
  readonly supervisor: Supervisor
  readonly log: Logger
  /** Adds to a configuration what the daemon adds at its start. */
  complete(config: Config): Config
}

/** Loads and applies. Gives the configuration in force: the new one, or `now` when that cannot be used. */
export async function reload({ source, supervisor, log, complete }: Reloader, now: Config): Promise<Config> {
  const loaded = await tryToLoad(source, log)
  if (loaded === undefined) return now
  const wanted = complete(loaded.config)
  logDiagnostics(log, loaded.diagnostics)
  reportFixed(log, now, wanted)
  const { added, removed, changed, unchanged } = await supervisor.apply(wanted)
  for (const group of removed) log.log('info', `removed: ${group}`, { group })
  for (const { name, keys } of changed) log.log('info', `changed: ${name} (${keys.join(', ')})`, { group: name })
  for (const group of added) log.log('info', `added: ${group}`, { group })
  log.log('info', `reloaded the configuration; ${unchanged.length} groups unchanged`)
  return wanted
}

/** Writes what there is to say about a configuration into the log. */
export function logDiagnostics(log: Logger, diagnostics: readonly Diagnostic[]): void {
  const levels = { error: 'error', warning: 'warn', note: 'info' } as const
  for (const diagnostic of diagnostics) log.log(levels[diagnostic.severity], formatDiagnostic(diagnostic))
}

/** Loads a configuration; undefined, with the reasons in the log, when it cannot be used. */
export async function tryToLoad(source: ConfigSource, log: Logger): Promise<Loaded | undefined> {
  try {
    return await source.load()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    logDiagnostics(log, error.diagnostics)
    log.log('error', 'the new configuration cannot be used; everything goes on as before')
    return undefined
  }
}

/** Applied when a file is read again: these act on programs. The others only at the start of the daemon. */
const APPLIED: readonly (keyof SupervisorSettings)[] = [
  'environment',
  'strip_ansi',
  'childlogdir',
  'identifier',
  'shutdown_timeout',
  'main',
]

function reportFixed(log: Logger, now: Config, wanted: Config): void {
  if (!isDeepStrictEqual(now.servers, wanted.servers)) {
    log.log('warn', 'servers changed: restart kahi to apply that')
  }
  const keys = (Object.keys(wanted.supervisor) as (keyof SupervisorSettings)[]).filter(
    (key) => !APPLIED.includes(key) && !isDeepStrictEqual(now.supervisor[key], wanted.supervisor[key]),
  )
  if (keys.length > 0) log.log('warn', `[supervisor] changed (${keys.join(', ')}): restart kahi to apply that`)
}
