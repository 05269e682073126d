// A scan directory as s6-svscan takes it → a table for each service directory in it that has a `run`. The files are those of
// longruns, but that `down` and `nosetsid` mean something here.
// Source: s6 2.15, s6-svscan and servicedir; sections 3.1 and 3.2 of their behaviour as verified by experiment.

import { statSync } from 'node:fs'
import type { Diagnostic } from '../../config/diagnostic.ts'
import type { Entry, Table, Value } from '../../config/document.ts'
import { convertDefinition, escapeValue } from './convert-definition.ts'
import { type Definition, NUMBER_FILES } from './definition.ts'
import { Layers, type Node } from './layers.ts'
import { Ledger } from './ledger.ts'
import { readServiceDirectory } from './read-tree.ts'

/** Longest name of a service. Source: s6 2.15, s6-svscan -L. */
const LONGEST_NAME = 251

/** What a logger gets to end in: it may wait for the end of its input, which somebody its writer left behind may hold open. */
const LOGGER_KILL_SECS = 5

/** The services of a scan directory, and what there is to say about them: nothing in it is an error. */
export interface ScannedServices {
  /** Each with its logger behind it, if it has one. */
  readonly services: readonly (readonly Table[])[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads a scan directory; names that are `taken` are passed over. One that is not there has no services. */
export function readServiceDirectories(root: string, taken: ReadonlySet<string>): ScannedServices {
  const layers = new Layers([root])
  const services: (readonly Table[])[] = []
  const diagnostics: Diagnostic[] = []
  const seen = new Set<string>()
  for (const name of layers.list('.') ?? []) {
    const directory = findService(layers, name)
    if (name.startsWith('.') || directory === undefined || taken.has(name) || name.length > LONGEST_NAME) continue
    const { dev, ino } = statSync(directory.path)
    if (seen.has(`${dev}:${ino}`)) continue
    seen.add(`${dev}:${ino}`)
    const read = (own: string, node: Node): Definition => {
      const found = readServiceDirectory(layers, own, node)
      diagnostics.push(...found.diagnostics.map((one): Diagnostic => ({ ...one, severity: 'warning' })))
      return withoutUnreadable(found.definition)
    }
    const service = tableOf(read(name, directory))
    const log = findService(layers, `${name}/log`)
    const logger =
      log && loggerOf(tableOf(read(`${name}/log`, log)), layers.find(`${name}/log/timeout-kill`) !== undefined)
    services.push(logger === undefined ? [service] : [writerOf(service, logger), logger])
  }
  return { services, diagnostics }
}

/** The directory of that name, if it is one of a service. */
function findService(layers: Layers, name: string): Node | undefined {
  const node = layers.find(name)
  return node?.kind === 'directory' && layers.find(`${name}/run`)?.kind === 'file' ? node : undefined
}

function loggerOf(table: Table, hasTimeout: boolean): Table {
  const others = table.entries.filter(({ key }) => key !== 'timeout_kill')
  const kill: Entry = { key: 'timeout_kill', value: LOGGER_KILL_SECS, place: table.place }
  return hasTimeout ? table : { ...table, entries: [...others, kill] }
}

/** Each of the two comes and goes without the other; what is written waits in between. */
function writerOf(table: Table, { name, place }: Table): Table {
  const written: readonly Entry[] = [
    { key: 'log_to', value: escapeValue(name), place },
    { key: 'depends_on', value: escapeValue({ [name]: 'ordered' }), place },
  ]
  return { ...table, entries: [...table.entries, ...written] }
}

/** A file whose number cannot be read counts for nothing. */
function withoutUnreadable(definition: Definition): Definition {
  const isRead = (file: string): boolean => !NUMBER_FILES.some((one) => one === file && !definition.numbers.has(one))
  return { ...definition, nodes: new Map([...definition.nodes].filter(([file]) => isRead(file))) }
}

function tableOf(definition: Definition): Table {
  const nothing = { definitions: [], essential: new Set(''), translated: new Map<string, never>() }
  const around = { ledger: new Ledger(), isInline: false, isOverlay: false, home: 'directory', ...nothing } as const
  const table = convertDefinition(definition, { ...around, at: (path) => path })
  const said: readonly (readonly [file: string, key: string, value: Value])[] = [
    ['down', 'autostart', false],
    ['nosetsid', 'session', false],
  ]
  const meant = said.filter(([file]) => definition.nodes.has(file))
  const entries: readonly Entry[] = [
    ...table.entries.filter(({ key }) => !meant.some(([, other]) => key === other)),
    ...meant.map(([, key, value]) => ({ key, value, place: definition.place })),
  ]
  return { kind: 'programs', name: definition.name, place: definition.place, entries, isDynamic: true }
}
