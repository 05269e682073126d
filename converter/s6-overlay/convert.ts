// An image of s6-overlay → Document: what its init does at boot, said in tables. Scripts of cont-init.d and cont-finish.d
// are oneshots in front of everything, services.d programs behind the bundles of s6-rc, and the container's command is the
// main program behind all of them. Source: s6-overlay 3.2.3.2, rc.init; v1.21, init-stage2; sections 4.1 to 4.6 of their
// behaviour as verified by experiment.

import { join, resolve as resolvePath } from 'node:path'
import type { Machine } from '../../config/config.ts'
import { ConfigError, type Diagnostic, hasErrors, type Place } from '../../config/diagnostic.ts'
import type { Document, Entry, Table, Value } from '../../config/document.ts'
import type { Conversion, ConvertOptions } from '../format.ts'
import { standIns } from '../s6-rc/base-services.ts'
import { convertTree, surround } from '../s6-rc/convert.ts'
import type { Tree } from '../s6-rc/definition.ts'
import { Ledger } from '../s6-rc/ledger.ts'
import { lintDefinition } from '../s6-rc/lint.ts'
import { loadTree } from '../s6-rc/load.ts'
import { findMistakes } from '../s6-rc/mistakes.ts'
import { escapeValue } from '../s6-rc/convert-definition.ts'
import { convertFixAttrs } from './fix-attrs-d.ts'
import { type Generation, type Image, INSTALL_RECORD, openImage } from './image.ts'
import { hasLateServices, takeLateServices } from './late-services.ts'
import { convertContFinish, convertContInit, type ScriptTables } from './scripts-d.ts'
import { convertServices } from './services-d.ts'
import { commandWith, type OverlaySettings, readVariables } from './variables.ts'

/** The end of the boot: the command waits for it. */
const BOOTED = 'stage2'

interface Places {
  readonly environment_directory: string
  readonly exit_code_file: string
  readonly scan_directory: string
  readonly scan_layout: string
}

/** Where s6-overlay keeps what changes. */
const PLACES: Readonly<Record<Generation, Places>> = {
  2: {
    environment_directory: '/var/run/s6/container_environment',
    exit_code_file: '/var/run/s6/env-stage3/S6_STAGE2_EXITED',
    scan_directory: '/var/run/s6/services',
    scan_layout: 's6-2.10',
  },
  3: {
    environment_directory: '/run/s6/container_environment',
    exit_code_file: '/run/s6-linux-init-container-results/exitcode',
    scan_directory: '/run/service',
    scan_layout: 's6',
  },
}

/** Images of version 1 and 2 with one of these have tools of s6 2.11 and later, or kahi's. */
const NEWER_TOOLS = ['usr/bin/s6-svlink', 'bin/s6-svlink', INSTALL_RECORD]

/** Reads the files of an image. Throws ConfigError with every error found. */
export function convertS6Overlay(path: string, machine: Machine, options: ConvertOptions = {}): Conversion {
  const { S6_RUNTIME_PROFILE: profile } = machine.environment
  const image = openImage(path, { bases: options.bases, at: options.at, profile: profile || undefined })
  const settings = readVariables(machine.environment, image.generation)
  const { tree, diagnostics } = loadImageTree(image)
  const ledger = new Ledger()
  const around = surround(tree, ledger, { ...options, at: undefined }, image.at)
  const finish = convertContFinish(image, settings, ledger)
  const init = convertContInit(image, settings, ledger, 'fix-attrs')
  const services = convertServices(image, settings, around)
  const command = commandWith(machine.environment, options.command ?? [])
  const parts: Parts = { image, settings, finish, init, services: services.names, command, options, tree }
  const own = convertTree(tree, around)
  const fixed = convertFixAttrs(tableOf(own, 'fix-attrs'), image, settings, ledger)
  const linked = own.map((table) => link(table.name === 'fix-attrs' ? { ...fixed.table, comments: [] } : table, parts))
  const { scan_directory: scan } = PLACES[image.generation]
  const late = hasLateServices(image)
  const taking = linked.map((table) =>
    late && table.name === 'legacy-services' ? takeLateServices(table, image, scan) : table,
  )
  const tables = arrange(taking, parts, services.tables)
  const found = [
    ...diagnostics,
    ...[finish, init, services, fixed].flatMap((one) => one.diagnostics),
    ...(settings.hidesOutput ? [NO_LOGGER] : []),
    ...(options.translate === true ? [notTranslated(image)] : []),
    ...doubles(tables),
  ]
  if (hasErrors(found)) throw new ConfigError(found)
  const document: Document = { file: join(image.etc, 'kahi.toml'), here: image.etc, tables }
  const { entries, lines, files } = ledger
  return { document, diagnostics: found, ledger: entries, lines, files, isFragment: false }
}

const NO_LOGGER: Diagnostic = {
  severity: 'warning',
  message: 'S6_LOGGING has no effect: output goes to standard output',
}

/** with-contenv has work to do in an image, and other scripts must not see what it gives. */
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
  /** Those that are started. */
  readonly services: readonly string[]
  readonly command: readonly string[]
  readonly options: ConvertOptions
  readonly tree: Tree
}

/** The tree of s6-rc; an image without one has only what s6-overlay itself brings. */
function loadImageTree(image: Image): { readonly tree: Tree; readonly diagnostics: readonly Diagnostic[] } {
  const [first, ...others] = image.sources
  const root = first ?? image.etc
  if (first === undefined)
    return { tree: { definitions: standIns(new Set(), root), isOverlay: true, root }, diagnostics: [] }
  const { tree, diagnostics } = loadTree(first, { sources: others, bases: image.below, isOverlay: true })
  return { tree, diagnostics: [...diagnostics, ...findMistakes(tree), ...tree.definitions.flatMap(lintDefinition)] }
}

/** What s6-overlay's own oneshots wait for, now that they have something to do. */
function link(table: Table, { settings, image, init, finish, services }: Parts): Table {
  const { ifFails, waitsForServices } = settings
  const last = finish.names[0]
  if (table.name === 'fix-attrs' && last !== undefined) return withNeeds(table, { [last]: 'ordered' })
  if (table.name === 'legacy-cont-init') {
    const isStrict = ifFails > (image.generation === 3 ? 1 : 0)
    return withNeeds(table, needs(init.names, isStrict ? undefined : 'ordered'))
  }
  if (table.name === 'legacy-services' && waitsForServices) return withNeeds(table, needs(services, 'ordered'))
  return table
}

function needs(names: readonly string[], reached: string | undefined): Value {
  return reached === undefined ? names : Object.fromEntries(names.map((name) => [name, reached]))
}

/** Adds to what a oneshot depends on; a table of needs where any of them says how far. */
function withNeeds(table: Table, added: Value): Table {
  const known = table.entries.find(({ key }) => key === 'depends_on')?.value ?? []
  const asTable = (value: Value): Readonly<Record<string, Value>> =>
    Array.isArray(value) ? Object.fromEntries(value.map((name) => [String(name), 'started'])) : Object(value)
  const value: Value =
    Array.isArray(known) && Array.isArray(added)
      ? [...known, ...added]
      : { ...completed(asTable(known)), ...completed(asTable(added)) }
  const entries = table.entries.filter(({ key }) => key !== 'depends_on')
  return { ...table, entries: [...entries, { key: 'depends_on', value, place: table.place }] }
}

/** All that s6-overlay's own services depend on are oneshots and bundles of them. */
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
  const isOwn = ({ name }: Table): boolean => tree.definitions.some((one) => one.name === name && one.isStandIn)
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

/** [supervisor]: what is started, and what programs are told of the outside. */
function daemonTable(parts: Parts, place: Place): Table {
  const { settings, image, init, finish, services, command, options, tree } = parts
  const { scan_layout, ...others } = PLACES[image.generation]
  const known = { ...others, scan_layout: NEWER_TOOLS.some(image.has) ? 's6' : scan_layout }
  const places = Object.entries(known).filter(
    ([key]) => !(key === 'environment_directory' && settings.keepsEnvironment),
  )
  const levels = ['critical', 'warn', 'info']
  const level = levels[settings.verbosity] ?? 'debug'
  const boot = [
    'top',
    ...finish.names,
    ...init.names,
    ...services,
    BOOTED,
    ...(command.length > 0 ? [nameOfCommand(tree)] : []),
  ]
  return {
    kind: 'supervisor',
    name: '',
    place,
    entries: entriesOf(place, {
      ...(options.command === undefined ? { environment: { PATH: '/command:${PATH:-/usr/bin:/bin}' } } : {}),
      ...(level === 'info' ? {} : { log_level: level }),
      boot: escapeValue(boot),
      ...Object.fromEntries(places),
      ...(command.length > 0 && !idles(parts) ? { main: nameOfCommand(tree) } : {}),
    }),
  }
}

/** Versions 1 and 2 go on without services and command when the boot has failed, if they are told only to say so. */
function idles({ image, settings }: Parts): boolean {
  return image.generation === 2 && settings.ifFails === 1
}

/** The end of the boot, and the command of the container. */
function endTables(parts: Parts, place: Place): readonly Table[] {
  const { settings, image, command, options, tree } = parts
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
    }),
  }
  if (command.length === 0) return [booted]
  const withContenv = ['/command/with-contenv', '/usr/bin/with-contenv'].find(image.has)
  const wrapper = image.generation === 2 && withContenv !== undefined ? [withContenv] : []
  const main: Table = {
    kind: 'programs',
    name: nameOfCommand(tree),
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

/** A program that is named by a path is looked for in the directory in which it will run. */
function fromDirectory([program = '', ...words]: readonly string[], directory = '/'): readonly string[] {
  return [program.includes('/') ? resolvePath(directory, program) : program, ...words]
}

function nameOfCommand({ definitions }: Tree): string {
  const isTaken = (name: string): boolean => definitions.some((one) => one.name === name)
  const free = (name: string): string => (isTaken(name) ? free(`${name}-`) : name)
  return free('cmd')
}

function entriesOf(place: Place, values: Readonly<Record<string, Value>>): readonly Entry[] {
  return Object.entries(values).map(([key, value]) => ({ key, value, place }))
}

function tableOf(tables: readonly Table[], name: string): Table {
  const place = { file: '', line: 1, column: 1 }
  return tables.find((table) => table.name === name) ?? { kind: 'oneshots', name, place, entries: [] }
}

/** s6-rc and services.d have one scan directory between them. */
function doubles(tables: readonly Table[]): readonly Diagnostic[] {
  return tables.flatMap(({ name, place }, index) => {
    const other = tables.findIndex((one) => one.name === name)
    if (name === '' || other === index) return []
    const hint = `the other one is ${tables[other]?.place.file}`
    return [{ severity: 'error', message: `There are two services called ${name}`, place, hint }]
  })
}
