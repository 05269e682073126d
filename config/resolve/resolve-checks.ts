// Reports readiness checks, health checks and watches that cannot work as they are written.

import { findEntry, type Table, tableName } from '../keys/document.ts'
import type { Group, Oneshot } from '../settings/config.ts'
import type { ProcessSettings } from '../settings/process.ts'
import type { Resolver } from './resolver.ts'

/** Checks `ready`, `health`, `on_unhealthy` and `watch` of all programs. */
export function checkChecks(resolver: Resolver, groups: readonly Group[], oneshots: readonly Oneshot[]): void {
  for (const settings of [...groups.flatMap(({ processes }) => processes), ...oneshots.map(({ up }) => up)]) {
    const table = resolver.named(settings.program).find(({ kind }) => !['groups', 'bundles'].includes(kind))
    if (table === undefined) continue
    checkOutput(resolver, table, settings)
    checkSocket(resolver, table, settings)
    checkPolicy(resolver, table, settings)
    checkReload(resolver, table, settings)
  }
}

/** A check of kind `log` needs output that kahi reads. */
function checkOutput({ findings }: Resolver, table: Table, settings: ProcessSettings): void {
  const { stdout, stderr } = settings
  if (stdout.logfile.kind !== 'none' || stderr.logfile.kind !== 'none') return
  for (const key of ['ready', 'health'] as const) {
    if (settings[key]?.check.kind !== 'log') continue
    const message = `"${key}" of [${tableName(table)}] waits for a line of its output, which is discarded`
    findings.error(message, findEntry(table, key)?.place ?? table.place, 'set stdout_logfile')
  }
}

/** The helper gives a process either a descriptor or a socket for its notices. */
function checkSocket({ findings }: Resolver, table: Table, { ready, health }: ProcessSettings): void {
  if (ready?.check.kind !== 'fd' || health?.check.kind !== 'notify') return
  const message = `[${tableName(table)}] cannot have ready = { fd } and health = { notify } together`
  findings.error(message, findEntry(table, 'health')?.place ?? table.place, 'write ready = { notify = true }')
}

function checkReload({ findings }: Resolver, table: Table, { watch, reload_command: command }: ProcessSettings): void {
  if (watch?.action.kind !== 'reload' || command !== undefined) return
  const message = `"watch" of [${tableName(table)}] runs reload_command, which is not set`
  findings.error(message, findEntry(table, 'watch')?.place ?? table.place, 'write reload_command, or another action')
}

function checkPolicy({ findings }: Resolver, table: Table, settings: ProcessSettings): void {
  const { health, on_unhealthy: policy, autorestart } = settings
  const entry = findEntry(table, 'on_unhealthy')
  if (entry === undefined || policy.kind === 'none') return
  const warn = (message: string, hint: string): void =>
    findings.add({ severity: 'warning', message, place: entry.place, hint })
  if (health === undefined) warn(`"on_unhealthy" of [${tableName(table)}] has no effect without "health"`, 'add health')
  else if (policy.kind === 'restart' && autorestart === 'false')
    warn(`[${tableName(table)}] is not restarted when it is unhealthy: autorestart is false`, 'write "stop"')
}
