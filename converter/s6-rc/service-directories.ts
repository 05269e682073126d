// Reads a scan directory as s6-svscan does: each service directory with a `run` becomes a table. The files are those of
// longruns; in addition `down` and `nosetsid` have an effect. Source: s6 2.15, s6-svscan and servicedir; sections 3.1
// and 3.2 of their behaviour as verified by experiment.

import { append } from '../../config/model/append.ts'
import { lstatSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Diagnostic } from '../../config/model/diagnostic.ts'
import type { Entry, Table } from '../../config/keys/document.ts'
import type { Value } from '../../config/model/value.ts'
import { convertDefinition, escapeValue } from './convert-definition.ts'
import { type Definition, NUMBER_FILES } from './definition.ts'
import { Layers, type Node } from './layers.ts'
import { Ledger, type Outcome } from './ledger.ts'
import { PLACES } from './overlay-places.ts'
import { readServiceDirectory } from './read-tree.ts'

/** Longest name of a service. Source: s6 2.15, s6-svscan -L. */
const LONGEST_NAME = 251

/**
 * Time for a logger to end. It may wait for the end of its input, which a process that its service left behind may keep
 * open.
 */
const LOGGER_KILL_SECS = 5

/** The services of a scan directory, and diagnostics about them; none of them is an error. */
export interface ScannedServices {
  /** Each service, followed by its logger if it has one. */
  readonly services: readonly (readonly Table[])[]
  readonly diagnostics: readonly Diagnostic[]
  /** The definitions of the services, including loggers. */
  readonly definitions: readonly Definition[]
}

/** Options for reading a scan directory. */
export interface ScanOptions {
  /** Names that are skipped. */
  readonly taken?: ReadonlySet<string>
  /** Records what became of every file. */
  readonly ledger?: Ledger
  /** The path of a file when the services run, if it will not be the current one. */
  readonly at?: (path: string) => string
}

/** Reads a scan directory. A missing one has no services. */
export function readServiceDirectories(root: string, options: ScanOptions = {}): ScannedServices {
  const { taken = new Set() } = options
  const layers = new Layers([root])
  const services: (readonly Table[])[] = []
  const diagnostics: Diagnostic[] = []
  const definitions: Definition[] = []
  const seen = new Set<string>()
  for (const name of layers.list('.') ?? []) {
    const directory = findService(layers, name)
    if (name.startsWith('.') || directory === undefined || name.length > LONGEST_NAME) continue
    const moved = taken.has(name) ? otherName(directory, name) : { name }
    if (moved === undefined || taken.has(moved.name)) continue
    const { dev, ino } = statSync(directory.path)
    if (seen.has(`${dev}:${ino}`)) continue
    seen.add(`${dev}:${ino}`)
    const read = (own: string, node: Node): Definition => {
      const found = readServiceDirectory(layers, own, node)
      append(
        diagnostics,
        found.diagnostics.map((one): Diagnostic => ({ ...one, severity: 'warning' })),
      )
      definitions.push(found.definition)
      return withoutUnreadable(found.definition)
    }
    const paths = withRealPaths(options, directory)
    const service = tableOf(read(name, directory), paths)
    const log = findService(layers, `${name}/log`)
    const logger =
      log && loggerOf(tableOf(read(`${name}/log`, log), paths), layers.find(`${name}/log/timeout-kill`) !== undefined)
    const all = [service, ...(logger === undefined ? [] : [logger])].map((table) => renamed(table, name, moved))
    const [own = service, reader] = all
    services.push(reader === undefined ? [own] : [writerOf(own, reader), reader])
  }
  return { services, diagnostics, definitions }
}

/** The service directory of that name; undefined when it is none. */
function findService(layers: Layers, name: string): Node | undefined {
  const node = layers.find(name)
  return node?.kind === 'directory' && layers.find(`${name}/run`)?.kind === 'file' ? node : undefined
}

function loggerOf(table: Table, hasTimeout: boolean): Table {
  const others = table.entries.filter(({ key }) => key !== 'timeout_kill')
  const kill: Entry = { key: 'timeout_kill', value: LOGGER_KILL_SECS, place: table.place }
  return hasTimeout ? table : { ...table, entries: [...others, kill] }
}

/** The service and its logger are started and stopped independently; output waits in the pipe between them. */
function writerOf(table: Table, { name, place }: Table): Table {
  const written: readonly Entry[] = [
    { key: 'log_to', value: escapeValue(name), place },
    { key: 'depends_on', value: escapeValue({ [name]: 'ordered' }), place },
  ]
  return { ...table, entries: [...table.entries, ...written] }
}

/**
 * Another name for a link to a service in another directory: the name of that directory is put before it. Undefined for the
 * directories of s6-rc's services, which have programs already.
 */
function otherName({ path }: Node, name: string): { readonly name: string; readonly directory: string } | undefined {
  if (!lstatSync(path).isSymbolicLink()) return undefined
  const directory = realpathSync(path)
  if (dirname(directory) === PLACES[3].servicedirs) return undefined
  return { name: `${basename(dirname(directory))}.${name}`, directory }
}

/**
 * Commands name the real directory of a service that is linked: the link may be removed before the service has ended, and
 * `finish` runs all the same. Source: s6 2.15, s6-supervise, which works in that directory.
 */
function withRealPaths(options: ScanOptions, { path }: Node): ScanOptions {
  if (options.at !== undefined || !lstatSync(path).isSymbolicLink()) return options
  const real = realpathSync(path)
  return { ...options, at: (one) => (one === path || one.startsWith(`${path}/`) ? real + one.slice(path.length) : one) }
}

/** The service, or its logger, under another name, with its directory, which cannot be found by that name. */
function renamed(table: Table, from: string, { name, directory }: { name: string; directory?: string }): Table {
  if (directory === undefined) return table
  const rest = table.name.slice(from.length)
  const place: Entry = { key: 'service_directory', value: escapeValue(`${directory}${rest}`), place: table.place }
  return { ...table, name: `${name}${rest}`, entries: [...table.entries, place] }
}

/** A number that cannot be read has no effect. */
function withoutUnreadable(definition: Definition): Definition {
  const isRead = (file: string): boolean => !NUMBER_FILES.some((one) => one === file && !definition.numbers.has(one))
  return { ...definition, nodes: new Map([...definition.nodes].filter(([file]) => isRead(file))) }
}

/** Files that have an effect here and none for s6-rc, and what becomes of them. */
const OWN_FILES: Readonly<Record<string, Pick<Outcome, 'fate' | 'note'> & { key?: string; value?: Value }>> = {
  down: { fate: 'renamed', key: 'autostart', value: false },
  nosetsid: { fate: 'renamed', key: 'session', value: false },
  log: { fate: 'renamed', note: 'a program of its own' },
  type: { fate: 'kept', note: 's6-svscan does not read it' },
  supervise: { fate: 'kept', note: 's6-supervise makes it anew' },
  event: { fate: 'kept', note: 's6-supervise makes it anew' },
}

function tableOf(definition: Definition, { ledger = new Ledger(), at = (path) => path }: ScanOptions): Table {
  const nothing = { definitions: [], essential: new Set(''), translated: new Map<string, never>() }
  const around = { ledger, isInline: false, isOverlay: false, home: 'directory', ...nothing } as const
  const nodes = new Map([...definition.nodes].filter(([file]) => !(file in OWN_FILES)))
  const texts = new Map([...definition.texts].filter(([file]) => !(file in OWN_FILES)))
  const table = convertDefinition({ ...definition, nodes, texts }, { ...around, at })
  const own = Object.entries(OWN_FILES).filter(([file]) => definition.nodes.has(file))
  const set = own.flatMap(([, { key, value }]) =>
    key === undefined || value === undefined ? [] : [{ key, value, place: definition.place }],
  )
  for (const [file, { key, fate, note }] of own) {
    const written = set.find((entry) => entry.key === key)
    ledger.settle(definition, file, {
      fate,
      to: key === undefined ? '' : `programs.${table.name}.${key}`,
      written,
      note,
    })
  }
  const entries = [...table.entries.filter(({ key }) => !set.some((other) => other.key === key)), ...set]
  return { ...table, kind: 'programs', name: definition.name, place: definition.place, entries }
}
