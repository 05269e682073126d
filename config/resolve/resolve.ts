// Makes a Config of a Document: expands every value, fills in defaults, makes the processes of each program, sorts the
// groups, and looks up users and directories. TOML files and converted files use the same code, so equal documents have
// the same meaning.

import { resolve as resolvePath } from 'node:path'
import type { Machine } from '../model/machine.ts'
import type { Config, Resolved } from '../settings/config.ts'
import type { SupervisorSettings } from '../settings/supervisor.ts'
import { ConfigError, type Diagnostic, hasErrors, type Place } from '../model/diagnostic.ts'
import { type Document, findEntry, type Table } from '../keys/document.ts'
import { environmentNames } from '../values/expand.ts'
import { supervisorKeys } from '../keys/supervisor.ts'
import { inherit } from './inherit.ts'
import { resolveDependencies } from './resolve-graph.ts'
import { resolveGroups } from './resolve-groups.ts'
import { applyMain } from './resolve-main.ts'
import { connectPipes } from './resolve-pipes.ts'
import { resolveLogTargets, resolvePeers, resolveWebhooks } from './resolve-receivers.ts'
import { resolveCtl, resolveServers } from './resolve-servers.ts'
import { placeServices } from './resolve-service-files.ts'
import { applyStdio } from './resolve-stdio.ts'
import { createResolver, type ResolveOptions, type Resolver } from './resolver.ts'
import { checkKeys, readSettings } from './read-settings.ts'

/** The configuration of the document. Throws ConfigError with all errors. */
export function resolveDocument(given: Document, machine: Machine, options: ResolveOptions = {}): Resolved {
  const document = inherit(given)
  const names = { here: document.here, host_node_name: machine.hostName, ...environmentNames(machine.environment) }
  const resolver = createResolver(document, machine, names, options)
  for (const mistake of document.mistakes ?? []) resolver.findings.add(mistake)
  const supervisor = resolveSupervisor(resolver)
  const inner = { ...resolver, names: { ...names, ...environmentNames(supervisor.environment) } }
  const { environment, main, boot } = supervisor
  const made = connectPipes(applyMain(resolveGroups(inner, environment), main, resolver), resolver)
  const groups = placeServices(applyStdio(made, resolver), supervisor.scan_directory)
  const config: Config = {
    file: document.file,
    supervisor,
    groups,
    ...resolveDependencies(inner, groups, environment, boot),
    servers: resolveServers(inner),
    ctl: resolveCtl(resolver),
    webhooks: resolveWebhooks(inner),
    log_targets: resolveLogTargets(inner),
    peers: resolvePeers(inner),
  }
  const diagnostics: readonly Diagnostic[] = resolver.findings.all
  if (hasErrors(diagnostics)) throw new ConfigError(diagnostics)
  return { config, diagnostics, tables: document.tables }
}

function resolveSupervisor(resolver: Resolver): SupervisorSettings {
  const { document, machine, findings } = resolver
  const nowhere = { file: document.file, line: 1, column: 1 }
  const table: Table = document.tables.find(({ kind }) => kind === 'supervisor') ?? {
    kind: 'supervisor',
    name: '',
    place: nowhere,
    entries: [],
  }
  checkKeys(table, supervisorKeys, findings)
  const values = readSettings(table, supervisorKeys, ['daemon'], resolver.names, findings)
  const place = (key: string): Place => findEntry(table, key)?.place ?? table.place
  const absolute = (path: string, key: string): string =>
    resolvePath(machine.workingDirectory, resolver.filePath(path, place(key)))
  const { logfile, pidfile, directory, childlogdir, user, scan_directory: scan } = values
  for (const [path, key] of [
    [directory, 'directory'],
    [childlogdir, 'childlogdir'],
  ] as const) {
    if (path !== undefined) resolver.directory(machine.expandHome(path), place(key))
  }
  return {
    ...values,
    user: user === undefined ? undefined : resolver.user(user, place('user')),
    userName: user,
    log_level: values.log_level,
    log_format: values.log_format,
    directory: directory === undefined ? undefined : machine.expandHome(directory),
    childlogdir: childlogdir === undefined ? machine.temporaryDirectory : machine.expandHome(childlogdir),
    logfile: logfile === undefined || logfile === 'syslog' ? logfile : absolute(logfile, 'logfile'),
    scan_directory: scan === undefined ? undefined : resolvePath(machine.workingDirectory, machine.expandHome(scan)),
    pidfile: pidfile === undefined ? undefined : absolute(pidfile, 'pidfile'),
  }
}
