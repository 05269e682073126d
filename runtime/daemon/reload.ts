// SIGHUP: reads the configuration again and applies the changes. With an invalid file nothing changes.

import type { Config, ConfigSource, Loaded } from '../../config/settings/config.ts'
import { ConfigError, type Diagnostic, formatDiagnostic } from '../../config/model/diagnostic.ts'
import type { Logger } from '../log/sink.ts'
import { type ChangeReport, reportChange } from '../plan/change-report.ts'
import type { Supervisor } from '../supervisor/supervisor.ts'

/** What a reload needs. */
export interface Reloader {
  readonly source: ConfigSource
  readonly supervisor: Supervisor
  readonly log: Logger
  /** Adds what the daemon adds to a configuration at its start. */
  complete(config: Config): Config
  /** Called when a reload begins and when it has ended, also without a change. */
  readonly watchers: Set<ReloadWatcher>
}

/** Called with true when a reload begins, with false when it has ended. */
export type ReloadWatcher = (isBegin: boolean) => void

/** What the configuration on disk would change. Rejects with ConfigError when it is invalid. */
export async function previewReload({ source, supervisor, complete }: Reloader): Promise<ChangeReport> {
  return reportChange(supervisor.config, complete((await source.load()).config))
}

/**
 * Applies the configuration on disk; gives the changes. Rejects with ConfigError when it is invalid: then nothing has
 * changed.
 */
export async function applyReload(reloader: Reloader): Promise<ChangeReport> {
  const { watchers } = reloader
  for (const watch of watchers) watch(true)
  try {
    return await applyWanted(reloader)
  } finally {
    for (const watch of watchers) watch(false)
  }
}

async function applyWanted({ source, supervisor, log, complete }: Reloader): Promise<ChangeReport> {
  const { config, diagnostics } = await source.load()
  const wanted = complete(config)
  logDiagnostics(log, diagnostics)
  const report = reportChange(supervisor.config, wanted)
  const { needsRestart } = report
  if (needsRestart.length > 0) log.log('warn', `${needsRestart.join(', ')} changed: restart kahi to apply that`)
  for (const [what, names] of Object.entries(report.receivers) as readonly (readonly [string, readonly string[]])[])
    for (const name of names) log.log('info', `${what}: ${name}`)
  const { added, removed, changed, unchanged } = await supervisor.apply(wanted)
  await source.dynamic?.settle()
  for (const group of removed) log.log('info', `removed: ${group}`, { group })
  for (const { name, keys } of changed) log.log('info', `changed: ${name} (${keys.join(', ')})`, { group: name })
  for (const group of added) log.log('info', `added: ${group}`, { group })
  log.log('info', `reloaded the configuration; ${unchanged.length} groups unchanged`)
  return report
}

/** As applyReload(); errors in the file are logged. */
export async function reload(reloader: Reloader): Promise<void> {
  try {
    await applyReload(reloader)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    logUnusable(reloader.log, error)
  }
}

/** Logs the diagnostics of a configuration. */
export function logDiagnostics(log: Logger, diagnostics: readonly Diagnostic[]): void {
  const levels = { error: 'error', warning: 'warn', note: 'info' } as const
  for (const diagnostic of diagnostics) log.log(levels[diagnostic.severity], formatDiagnostic(diagnostic))
}

/** Loads a configuration; when it is invalid, logs the errors and gives undefined. */
export async function tryToLoad(source: ConfigSource, log: Logger): Promise<Loaded | undefined> {
  try {
    return await source.load()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    logUnusable(log, error)
    return undefined
  }
}

function logUnusable(log: Logger, { diagnostics }: ConfigError): void {
  logDiagnostics(log, diagnostics)
  log.log('error', 'the new configuration is invalid; the old one stays in force')
}
