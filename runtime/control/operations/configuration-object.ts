// The configuration in force, value by value: each with the place where it is written, and without secrets.

import { findEntry, type Table } from '../../../config/keys/document.ts'
import type { KeyTable } from '../../../config/keys/key.ts'
import { tableRow } from '../../../config/keys/tables.ts'
import type { Place } from '../../../config/model/diagnostic.ts'
import { namespec } from '../../../config/model/names.ts'
import type { Config } from '../../../config/settings/config.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import type { Server } from '../../../config/settings/server.ts'
import { shownAddress } from '../../../config/values/patterns.ts'
import { withoutSecrets } from '../../../config/values/secrets.ts'
import type { ConfigurationObject, SectionObject } from './shapes/configuration.ts'

/** What is shown. */
export interface Shown {
  readonly config: Config
  readonly tables: readonly Table[]
  readonly isCurrent: boolean
}

/** Which part is wanted. */
export interface WantedPart {
  /** Names of processes and groups; empty for everything. */
  readonly processes: readonly string[]
  /** Also values that are not written anywhere. */
  readonly withDefaults: boolean
}

/** The object for clients. */
export function showConfiguration({ config, tables, isCurrent }: Shown, wanted: WantedPart): ConfigurationObject {
  const find = (kinds: readonly string[], name: string): Table | undefined =>
    tables.find((table) => kinds.includes(table.kind) && table.name === name)
  const isWanted = ({ group, name }: ProcessSettings): boolean =>
    wanted.processes.length === 0 || [group, name, namespec(group, name)].some((one) => wanted.processes.includes(one))
  const section = (part: Part): SectionObject => showSection(part, wanted.withDefaults)
  const servers = tables.filter(({ kind }) => kind === 'server.unix' || kind === 'server.http')
  const processes = config.groups.filter(({ shadowed }) => !shadowed).flatMap((group) => group.processes)
  const others: readonly Part[] = [
    { subject: 'supervisor', kind: 'supervisor', table: find(['supervisor'], ''), values: valuesOf(config.supervisor) },
    ...config.servers.map((server) => serverPart(server, servers)),
    ...config.webhooks.map((one) => receiverPart('webhook', one, find(['webhooks'], one.name))),
    ...config.log_targets.map((one) => receiverPart('log-target', one, find(['log_targets'], one.name))),
    ...config.peers.map((one) => receiverPart('peer', one, find(['peers'], one.name))),
  ]
  return {
    file: config.file,
    is_current: isCurrent,
    sections: [
      ...(wanted.processes.length === 0 ? others.map(section) : []),
      ...config.oneshots
        .filter(({ up }) => isWanted(up))
        .map(({ name, up, down, ...rest }) =>
          section({
            subject: name,
            kind: 'oneshot',
            table: find(['oneshots'], name),
            values: { ...processValues(up), ...rest, up: up.argv, down: down?.argv },
          }),
        ),
      ...processes.filter(isWanted).map((process) =>
        section({
          subject: namespec(process.group, process.name),
          kind: 'process',
          table: find(['programs', 'event_listeners', 'fcgi_programs'], process.program),
          values: processValues(process),
        }),
      ),
    ],
  }
}

interface Part {
  readonly subject: string
  readonly kind: SectionObject['kind']
  readonly table: Table | undefined
  readonly values: Readonly<Record<string, unknown>>
}

function showSection({ subject, kind, table, values }: Part, withDefaults: boolean): SectionObject {
  const rows: KeyTable = table === undefined ? {} : tableRow(table.kind).keys
  const keys = Object.keys(rows).length === 0 ? Object.keys(values) : Object.keys(rows)
  const settings = keys.flatMap((key) => {
    const entry = table === undefined ? undefined : findEntry(table, key)
    if (entry === undefined && !(withDefaults && key in values)) return []
    const value = key in values ? values[key] : entry?.value
    return [
      { key, value: withoutSecrets(key, value ?? null), place: entry === undefined ? null : placeText(entry.place) },
    ]
  })
  const name = table === undefined ? '' : [table.kind, table.name].filter(Boolean).join('.')
  return { subject, kind, table: name, place: table === undefined ? null : placeText(table.place), settings }
}

function processValues(process: ProcessSettings): Readonly<Record<string, unknown>> {
  const { stdout, stderr, argv, commandError: _, user: __, env_file: read, ...values } = process
  const streams = Object.entries({ stdout, stderr }).flatMap(([stream, settings]) =>
    Object.entries(settings).map(([key, value]): [string, unknown] => [
      `${stream}_${key}`,
      key === 'logfile' ? logName(value as ProcessSettings['stdout']['logfile']) : value,
    ]),
  )
  const files = read?.files.map(({ path }) => path)
  return { ...values, env_file: files, command: argv, ...Object.fromEntries(streams) }
}

function logName(logfile: ProcessSettings['stdout']['logfile']): string {
  if ('path' in logfile) return logfile.path
  return logfile.kind === 'auto' ? 'AUTO' : 'NONE'
}

function valuesOf(supervisor: Config['supervisor']): Readonly<Record<string, unknown>> {
  const { userName, user: _, ...values } = supervisor
  return { ...values, user: userName }
}

function serverPart(server: Server, tables: readonly Table[]): Part {
  const kind = server.kind === 'unix' ? 'server.unix' : 'server.http'
  const alike = tables.filter((table) => table.kind === kind)
  const own =
    alike.length === 1 ? alike[0] : alike.find((table) => JSON.stringify(table.entries).includes(nameOf(server)))
  return { subject: nameOf(server), kind: 'server', table: own, values: {} }
}

/** The path of an address may be a secret. */
function receiverPart(
  kind: 'webhook' | 'log-target' | 'peer',
  { name, ...values }: Config['webhooks' | 'log_targets' | 'peers'][number],
  table: Table | undefined,
): Part {
  return { subject: name, kind, table, values: { ...values, url: shownAddress(values.url) } }
}

function nameOf(server: Server): string {
  return server.kind === 'unix' ? server.file : `${server.host}:${server.port}`
}

function placeText({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`
}
