// Converts an image of s6-overlay to a Document: what its init does at boot, as tables. Scripts of cont-init.d and
// cont-finish.d become oneshots before all other units, services.d becomes programs after the bundles of s6-rc, and the
// container's command becomes the main program after all of them. Source: s6-overlay 3.2.3.2, rc.init; v1.21,
// init-stage2; sections 4.1 to 4.6 of their behaviour as verified by experiment.

import { join, resolve as resolvePath } from 'node:path'
import type { Machine } from '../../config/model/machine.ts'
import { ConfigError, type Diagnostic, hasErrors, type Place } from '../../config/model/diagnostic.ts'
import type { Document, Entry, Table } from '../../config/keys/document.ts'
import { isList, type Value } from '../../config/model/value.ts'
import type { Conversion, ConvertOptions } from '../format.ts'
import { OWN_PREFIX } from '../../config/model/names.ts'
import { placeholders, withPackage } from '../s6-rc/base-services.ts'
import { convertTree, OVERLAY_PATH, surround } from '../s6-rc/convert.ts'
import type { Definition, Tree } from '../s6-rc/definition.ts'
import { Ledger } from '../s6-rc/ledger.ts'
import { lintDefinition } from '../s6-rc/lint.ts'
import { loadTree, packagedIn } from '../s6-rc/load.ts'
import { findMistakes } from '../s6-rc/mistakes.ts'
import { escapeValue } from '../s6-rc/convert-definition.ts'
import { convertFixAttrs } from './fix-attrs-d.ts'
import { type Image, openImage } from './image.ts'
import { hasLateServices, keepServices, takeLateServices } from './late-services.ts'
import { placesIn, SET_AT_START } from '../s6-rc/overlay-places.ts'
import { endsInNewline, placesOf } from './places.ts'
import { convertContFinish, convertContInit, type ScriptTables } from './scripts-d.ts'
import { convertServices, type ServiceTables } from './services-d.ts'
import { commandWith, type OverlaySettings, readVariables } from './variables.ts'

/** kahi's default is the same. */
const KILL_GRACE_SECS = 3

/** The command of the container. */
const COMMAND = `${OWN_PREFIX}cmd`

/** The end of the boot: the command waits for it. */
const BOOTED = `${OWN_PREFIX}stage2`

/** Reads the files of an image. Throws ConfigError with all errors. */
export function convertS6Overlay(path: string, machine: Machine, options: ConvertOptions = {}): Conversion {
  const { S6_RUNTIME_PROFILE: profile, S6_RUNTIME_BUNDLEDIR: bundles } = machine.environment
  const { bases, at } = options
  const image = openImage(path, { bases, at, profile: profile || undefined, bundles: bundles || undefined })
  const settings = readVariables(machine.environment, image)
  const { tree, diagnostics } = loadImageTree(image)
  const ledger = new Ledger()
  const { servicedirs } = placesOf(image)
  const around = { ...surround(tree, ledger, { ...options, at: undefined }, image.at), servicedirs }
  const finish = convertContFinish(image, settings, ledger)
  const init = convertContInit(image, settings, ledger, beforeScripts(tree))
  const isBoot = options.isBoot === true
  const isLate = isBoot || hasLateServices(image)
  const services = isLate ? lateServices(image, ledger, isBoot) : convertServices(image, settings, around)
  const command = commandWith(machine.environment, options.command ?? options.laterCommand ?? [], image.generation)
  const parts: Parts = { image, settings, finish, init, services: services.names, isLate, command, options, tree }
  const own = convertTree(tree, around)
  const fixed = convertFixAttrs(tableOf(own, 'fix-attrs'), image, settings, ledger)
  const linked = own.map((table) => link(table.name === 'fix-attrs' ? { ...fixed.table, comments: [] } : table, parts))
  const taking = linked.map((table) => (isLate && isTaking(table) ? takeLateServices(table, image, settings) : table))
  const tables = arrange(taking, parts, services.tables)
  const found = [
    ...diagnostics,
    ...[finish, init, services, fixed].flatMap((one) => one.diagnostics),
    ...(settings.hidesOutput ? [NO_LOGGER] : []),
    ...(options.translate === true ? [notTranslated(image)] : []),
  ]
  if (hasErrors(found)) throw new ConfigError(found)
  const document: Document = { file: join(image.etc, 'kahi.toml'), here: image.etc, tables }
  const { entries, lines, files } = ledger
  return { document, diagnostics: found, ledger: entries, lines, files, uncompared: SET_AT_START, isFragment: false }
}

/** Whether the table is the placeholder legacy-services, which gets a script here. */
function isTaking({ kind, name }: Table): boolean {
  return kind === 'oneshots' && name === 'legacy-services'
}

/** Leaves services.d out of the document: it is read at boot. */
function lateServices(image: Image, ledger: Ledger, isBoot: boolean): ServiceTables {
  const told = keepServices(image, ledger)
  return { tables: [], names: [], diagnostics: isBoot ? [] : told }
}

const NO_LOGGER: Diagnostic = {
  severity: 'warning',
  message: 'S6_LOGGING has no effect: output goes to standard output',
}

/**
 * Scripts of an image are not translated: with-contenv has an effect there, and other scripts must not see its
 * variables.
 */
function notTranslated({ sources: [tree] }: Image): Diagnostic {
  const message = '--translate is for trees of s6-rc: the scripts of this image stay as they are'
  const hint = tree === undefined ? 'leave --translate out' : `kahi migrate ${tree} --translate converts its tree alone`
  return { severity: 'warning', message, hint }
}

interface Parts {
  readonly image: Image
  readonly settings: OverlaySettings
  readonly finish: ScriptTables
  readonly init: ScriptTables
  /** Names of the services that are started. */
  readonly services: readonly string[]
  /** services.d is read while the container boots. */
  readonly isLate: boolean
  readonly command: readonly string[]
  readonly options: ConvertOptions
  readonly tree: Tree
}

/** The tree of s6-rc; an image without one has only the placeholders for s6-overlay. */
function loadImageTree(image: Image): { readonly tree: Tree; readonly diagnostics: readonly Diagnostic[] } {
  const [first, ...others] = image.sources
  const root = first ?? image.etc
  if (first === undefined) return { tree: { definitions: alone(image, root), isOverlay: true, root }, diagnostics: [] }
  const { below: bases, packaged } = image
  const { tree, diagnostics } = loadTree(first, { sources: others, bases, packaged, isOverlay: true })
  return { tree, diagnostics: [...diagnostics, ...findMistakes(tree), ...tree.definitions.flatMap(lintDefinition)] }
}

/** The services of an image without a tree. */
function alone({ packaged }: Image, root: string): readonly Definition[] {
  const own = placeholders(new Set(), root)
  return packaged === undefined ? own : withPackage(own, packagedIn(packaged))
}

/** What scripts of cont-init.d wait for: what legacy-cont-init needs, which runs them in s6-overlay. */
function beforeScripts({ definitions }: Tree): readonly string[] {
  const { dependencies = [] } = definitions.find(({ name }) => name === 'legacy-cont-init') ?? {}
  return dependencies.map(({ name }) => name)
}

/** Adds dependencies to the placeholders that get work here. */
function link(table: Table, { settings, image, init, finish, services, tree }: Parts): Table {
  const { ifFails, waitsForServices } = settings
  const last = finish.names[0]
  if (table.name === 'fix-attrs' && last !== undefined) return withNeeds(table, { [last]: 'ordered' })
  if (table.name === 'legacy-cont-init') {
    const isStrict = ifFails > (image.generation === 3 ? 1 : 0)
    return withNeeds(table, needs(init.names, isStrict ? undefined : 'ordered'))
  }
  if (table.name === 'legacy-services' && waitsForServices && services.length > 0)
    return withNeeds(withMembers(table, tree), needs(services, 'ordered'))
  return table
}

/** Instead of bundles their members, each with the state that it must reach: no state fits longruns and oneshots alike. */
function withMembers(table: Table, { definitions }: Tree): Table {
  const reached = (name: string): Readonly<Record<string, string>> => {
    const found = definitions.find((one) => one.name === name)
    if (found?.type === 'bundle')
      return Object.fromEntries(found.contents.flatMap((one) => Object.entries(reached(one.name))))
    return {
      [name]: found?.type === 'oneshot' ? 'completed' : found?.numbers.has('notification-fd') ? 'ready' : 'started',
    }
  }
  const entries = table.entries.map((entry) =>
    entry.key === 'depends_on' && isList(entry.value)
      ? { ...entry, value: Object.fromEntries(entry.value.flatMap((name) => Object.entries(reached(String(name))))) }
      : entry,
  )
  return { ...table, entries }
}

function needs(names: readonly string[], reached: string | undefined): Value {
  return reached === undefined ? names : Object.fromEntries(names.map((name) => [name, reached]))
}

/** Adds dependencies to a oneshot; the value becomes a table when one of them names a state. */
function withNeeds(table: Table, added: Value): Table {
  const known = table.entries.find(({ key }) => key === 'depends_on')?.value ?? []
  const asTable = (value: Value): Readonly<Record<string, Value>> =>
    isList(value)
      ? Object.fromEntries(value.map((name) => [String(name), 'started']))
      : (Object(value) as Record<string, Value>)
  const value: Value =
    isList(known) && isList(added)
      ? [...known, ...added]
      : { ...(isList(known) ? completed(asTable(known)) : asTable(known)), ...completed(asTable(added)) }
  const entries = table.entries.filter(({ key }) => key !== 'depends_on')
  return { ...table, entries: [...entries, { key: 'depends_on', value, place: table.place }] }
}

/** The dependencies of s6-overlay's own services are oneshots and bundles of oneshots, so each must be completed. */
function completed(value: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    Object.entries(value).map(([name, word]) => [name, word === 'started' ? 'completed' : word]),
  )
}

/** The tables in the order of the boot. */
function arrange(own: readonly Table[], parts: Parts, services: readonly Table[]): readonly Table[] {
  const { image, init, finish, tree } = parts
  const before = ['fix-attrs', 'legacy-cont-init', 'base']
  const after = ['legacy-services', 'user2', 'top']
  const isOwn = ({ name }: Table): boolean => tree.definitions.some((one) => one.name === name && one.isPlaceholder)
  const named = (names: readonly string[]): readonly Table[] =>
    names.flatMap((name) => own.filter((table) => table.name === name && isOwn(table)))
  const [fixAttrs, ...rest] = named(before)
  const middle = own.filter((table) => !(isOwn(table) && [...before, ...after].includes(table.name)))
  const place: Place = { file: image.etc, line: 1, column: 1 }
  return [
    daemonTable(parts, place),
    ...finish.tables,
    ...(fixAttrs === undefined ? [] : [fixAttrs]),
    ...init.tables,
    ...rest,
    ...middle,
    ...services,
    ...named(after),
    ...endTables(parts, place),
  ]
}

/** [supervisor]: what is started, and which variables programs get. */
function daemonTable(parts: Parts, place: Place): Table {
  const { settings, image, init, finish, services, isLate, command, options } = parts
  const places = {
    ...placesIn(placesOf(image), settings.keepsEnvironment),
    ...(endsInNewline(image) || settings.keepsEnvironment ? {} : { environment_newline: false }),
  }
  const level = ['critical', 'warn', 'info'][settings.verbosity] ?? 'debug'
  const boot = ['top', ...finish.names, ...init.names, ...services, BOOTED, ...(command.length > 0 ? [COMMAND] : [])]
  return {
    kind: 'supervisor',
    name: '',
    place,
    entries: entriesOf(place, {
      ...(options.command === undefined ? { environment: { PATH: OVERLAY_PATH } } : {}),
      ...(level === 'info' ? {} : { log_level: level }),
      output_format: 'raw',
      boot: escapeValue(boot),
      ...places,
      ...(isLate ? { scan_depends_on: ['base', 'user'] } : {}),
      ...(isLate && settings.servicesGraceSecs > 0 ? { scan_timeout_down: settings.servicesGraceSecs } : {}),
      ...(settings.killGraceSecs === KILL_GRACE_SECS ? {} : { kill_grace: settings.killGraceSecs }),
      ...(command.length > 0 && !idles(parts) ? { main: COMMAND } : {}),
    }),
  }
}

/** Versions 1 and 2 continue without services and command when the boot has failed and ifFails is 1. */
function idles({ image, settings }: Parts): boolean {
  return image.generation === 2 && settings.ifFails === 1
}

/** The end of the boot, and the command of the container. */
function endTables(parts: Parts, place: Place): readonly Table[] {
  const { settings, image, command, options } = parts
  const { ifFails, killGraceSecs } = settings
  const goesOn = ifFails < (image.generation === 3 ? 2 : 1)
  const booted: Table = {
    kind: 'oneshots',
    name: BOOTED,
    place,
    entries: entriesOf(place, {
      up: '',
      ...(ifFails === 2 ? { on_fatal: 'shutdown' } : {}),
      depends_on: goesOn ? { top: 'ordered' } : ['top'],
      ...(image.generation === 3 && settings.waitMs > 0 ? { timeout_depends: settings.waitMs / 1000 } : {}),
    }),
  }
  if (command.length === 0) return [booted]
  const withContenv = ['/command/with-contenv', '/usr/bin/with-contenv'].find(image.has)
  const wrapper = image.generation === 2 && withContenv !== undefined ? [withContenv] : []
  const main: Table = {
    kind: 'programs',
    name: COMMAND,
    place,
    entries: entriesOf(place, {
      command: escapeValue([...wrapper, ...fromDirectory(command, options.directory)]),
      ...(options.directory === undefined ? {} : { directory: escapeValue(options.directory) }),
      depends_on: [BOOTED],
      autorestart: false,
      startsecs: 0,
      startretries: 0,
      timeout_kill: killGraceSecs,
      ...(image.generation === 2 ? { exit_signal_base: 256 } : {}),
      stdio: 'inherit',
      ...(idles(parts) ? { on_exit: 'shutdown' } : {}),
    }),
  }
  return [booted, main]
}

/** A program that is named by a path is looked up in the directory in which it will run. */
function fromDirectory([program = '', ...words]: readonly string[], directory = '/'): readonly string[] {
  return [program.includes('/') ? resolvePath(directory, program) : program, ...words]
}

function entriesOf(place: Place, values: Readonly<Record<string, Value>>): readonly Entry[] {
  return Object.entries(values).map(([key, value]) => ({ key, value, place }))
}

function tableOf(tables: readonly Table[], name: string): Table {
  const place = { file: '', line: 1, column: 1 }
  return tables.find((table) => table.name === name) ?? { kind: 'oneshots', name, place, entries: [] }
}
