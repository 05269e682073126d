// services.d: each directory with a `run` is a program, as a longrun of s6-rc is; a `log` in it is a program that reads
// the output of the first. They start when the bundles base and user are up, and stop before those. Source: s6-overlay
// 3.2.3.2, legacy-services; s6 2.15 servicedir.

import { append } from '../../config/model/append.ts'
import { FIRST_AMONG_EQUALS } from '../../config/model/dynamic.ts'
import type { Diagnostic } from '../../config/model/diagnostic.ts'
import { type Entry, type Table, tableName } from '../../config/keys/document.ts'
import { isList, type Value } from '../../config/model/value.ts'
import { programKeys } from '../../config/keys/program.ts'
import { convertDefinition, escapeValue, type Surroundings } from '../s6-rc/convert-definition.ts'
import type { Definition } from '../s6-rc/definition.ts'
import { lintDefinition } from '../s6-rc/lint.ts'
import { readNumbers } from '../s6-rc/read-values.ts'
import { isExecutable } from '../s6-rc/scripts.ts'
import { readFolder } from './folder.ts'
import type { Image } from './image.ts'
import { placesOf } from './places.ts'
import type { OverlaySettings } from './variables.ts'

/** Files that have a meaning here and none for s6-rc. */
const OWN_NODES = ['down', 'log', 'type']

/** The programs, with diagnostics about them. */
export interface ServiceTables {
  readonly tables: readonly Table[]
  readonly names: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

/** All services of the image. */
export function convertServices(image: Image, settings: OverlaySettings, around: Surroundings): ServiceTables {
  const layers = image.folder('services.d')
  const diagnostics: Diagnostic[] = []
  const tables: Table[] = []
  const down = new Set<string>()
  for (const name of layers.list('.') ?? []) {
    if (name.startsWith('.') || layers.find(name)?.kind !== 'directory') continue
    const service = readFolder(name, layers, name)
    const logger = readFolder(`${name}/log`, layers, `${name}/log`)
    const isLogged = logger.texts.has('run')
    if (service.nodes.has('down')) down.add(name)
    for (const one of isLogged ? [service, logger] : [service]) {
      const converter = { image, settings, around, diagnostics }
      const table = convertService(one, converter, one === service && isLogged ? logger.name : undefined)
      if (table !== undefined) tables.push(table)
    }
  }
  return { tables, names: tables.map(({ name }) => name).filter((name) => !down.has(name)), diagnostics }
}

interface Parts {
  readonly image: Image
  readonly settings: OverlaySettings
  readonly around: Surroundings
  readonly diagnostics: Diagnostic[]
}

function convertService(folder: Definition, parts: Parts, logger: string | undefined): Table | undefined {
  const { around, diagnostics, image } = parts
  const { name, nodes, texts, place } = folder
  if (!texts.has('run')) {
    diagnostics.push({ severity: 'warning', message: `The service ${name} has no file "run": it never runs`, place })
    for (const one of nodes.keys())
      around.ledger.settle(folder, one, { fate: 'dropped', to: '', note: 'there is no "run"' })
    return undefined
  }
  const kept = new Map([...nodes].filter(([one]) => !OWN_NODES.includes(one)))
  const log = nodes.get('log')
  if (logger !== undefined && log !== undefined) kept.set('producer-for', log)
  const warn = (message: string, at: Diagnostic['place'], hint?: string): void =>
    void diagnostics.push({ severity: 'warning', message, place: at, hint })
  const definition: Definition = {
    ...folder,
    place: { file: nodes.get('run')?.path ?? place.file, line: 1, column: 1 },
    nodes: kept,
    texts: new Map([...texts].filter(([one]) => kept.has(one))),
    numbers: readNumbers('longrun', texts, kept, warn),
    producerFor: logger === undefined ? undefined : { name: logger, place },
  }
  append(diagnostics, [...warnOfRun(folder, parts.image), ...lintDefinition(definition)])
  const servicedirs = placesOf(image).legacy_services
  const isElsewhere = servicedirs !== placesOf(image).scan_directory
  const table = convertDefinition(definition, { ...around, servicedirs: isElsewhere ? servicedirs : undefined })
  return complete(apart(table, around), folder, parts)
}

/** When services.d and s6-rc have the same name, s6-overlay runs both: so this one gets another name. */
function apart(table: Table, { definitions }: Surroundings): Table {
  return definitions.some(({ name }) => name === table.name)
    ? { ...table, name: `legacy-services.${table.name}` }
    : table
}

/** Adds the settings that services.d has besides the files of s6. */
function complete(table: Table, folder: Definition, { settings, around }: Parts): Table {
  const isDown = folder.nodes.has('down')
  const needs = table.entries.find(({ key }) => key === 'depends_on')?.value
  const depends_on = ['base', 'user', ...(needs !== undefined && isList(needs) ? needs : [])]
  const own: Readonly<Record<string, Value>> = {
    depends_on,
    priority: FIRST_AMONG_EQUALS,
    ...(isDown ? { autostart: false } : {}),
    ...(settings.servicesGraceSecs === 0 ? {} : { timeout_down: settings.servicesGraceSecs }),
  }
  const added = Object.entries(own).map(([key, value]): Entry => ({
    key,
    value: escapeValue(value),
    place: table.place,
  }))
  const order = Object.keys(programKeys)
  const entries = [...table.entries.filter(({ key }) => !(key in own)), ...added]
  const to = `programs.${table.name}`
  const autostart = added.find(({ key }) => key === 'autostart')
  if (isDown) around.ledger.settle(folder, 'down', { fate: 'renamed', to: `${to}.autostart`, written: autostart })
  if (folder.nodes.has('log'))
    around.ledger.settle(folder, 'log', {
      fate: 'renamed',
      to: '',
      note: `[${tableName({ ...table, name: `${table.name}/log` })}]`,
    })
  if (folder.nodes.has('type'))
    around.ledger.settle(folder, 'type', { fate: 'kept', to: '', note: 's6 does not read it' })
  return { ...table, entries: entries.sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key)) }
}

/** Version 3 does not run a file that is not executable; versions 1 and 2 make it executable. */
function warnOfRun({ name, texts }: Definition, { generation }: Image): readonly Diagnostic[] {
  const run = texts.get('run')
  if (run === undefined || generation === 2 || isExecutable(run)) return []
  const message = `"run" of ${name} is not executable: s6-overlay does not run it, kahi does`
  return [{ severity: 'warning', message, place: { file: run.path, line: 1, column: 1 }, hint: `chmod +x ${run.path}` }]
}
