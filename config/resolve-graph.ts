// Oneshots, bundles and who needs whom: reads their tables and says what is wrong with the names and with circles.

import { type Bundle, type Group, namespec, type Oneshot } from './config.ts'
import type { Graph } from './dependencies.ts'
import { formatPlace, type Place } from './diagnostic.ts'
import { type Entry, findEntry, type Table, tableName } from './document.ts'
import { createGraph, shortestCycle } from './graph.ts'
import { bundleKeys, oneshotKeys } from './keys/oneshot.ts'
import { compareText } from './compare.ts'
import { nearest } from './nearest.ts'
import { checkName, resolveProgram } from './resolve-groups.ts'
import type { Resolver } from './resolver.ts'
import { checkKeys, readSettings } from './settings.ts'
import { quote, strip } from './values.ts'

/** What the tables say beside programs and groups. */
export interface Dependencies {
  readonly oneshots: readonly Oneshot[]
  readonly graph: Graph
}

/** Reads all tables of oneshots and bundles. `environment` is that of [supervisor], `boot` its key. */
export function resolveDependencies(
  resolver: Resolver,
  groups: readonly Group[],
  environment: Readonly<Record<string, string>>,
  boot: readonly string[] | undefined,
): Dependencies {
  const tables = (kind: Table['kind']) => resolver.document.tables.filter((table) => table.kind === kind)
  const oneshots = tables('oneshots').map((table) => resolveOneshot(resolver, table, environment))
  const bundles = tables('bundles').map((table) => resolveBundle(resolver, table))
  checkDoubles(resolver)
  const graph = createGraph({ groups, oneshots, bundles })
  const known = [...graph.names.keys(), ...tables('programs').map(({ name }) => strip(name))]
  const check = { resolver, known: new Set([...known, ...tables('groups').map(({ name }) => strip(name))]) }
  checkNames(check, boot ?? [], tables('supervisor')[0], 'boot')
  for (const { name, contents } of bundles)
    checkNames(check, contents, findTable(resolver, ['bundles'], name), 'contents')
  checkDependencies(check, groups, oneshots)
  checkReady(resolver, groups)
  checkBundleCycles(resolver, bundles)
  checkCycle(resolver, graph, groups)
  return { oneshots: oneshots.sort((a, b) => compareText(a.name, b.name)), graph }
}

/** A oneshot is read as two programs that differ in their command. */
function resolveOneshot(resolver: Resolver, table: Table, environment: Readonly<Record<string, string>>): Oneshot {
  checkName(table, resolver)
  checkKeys(table, oneshotKeys, resolver.findings)
  const name = strip(table.name)
  const { timeout_up, timeout_down } = readSettings(table, oneshotKeys, ['program'], resolver.names, resolver.findings)
  const common = table.entries.filter(({ key }) => !['up', 'down', 'timeout_up', 'timeout_down'].includes(key))
  const run = (entry: Entry | undefined) => {
    const entries = entry === undefined || entry.value === '' ? common : [...common, { ...entry, key: 'command' }]
    const [settings] = resolveProgram(resolver, { ...table, entries }, { name, kind: 'program', environment })
    if (settings === undefined) throw new Error(`the oneshot ${name} makes no process`)
    return settings
  }
  const down = findEntry(table, 'down')
  return { name, up: run(findEntry(table, 'up')), down: down && run(down), timeout_up, timeout_down }
}

function resolveBundle(resolver: Resolver, table: Table): Bundle {
  checkName(table, resolver)
  checkKeys(table, bundleKeys, resolver.findings)
  const { contents } = readSettings(table, bundleKeys, ['daemon'], resolver.names, resolver.findings)
  return { name: strip(table.name), contents }
}

/** Programs and groups may share a name, as in supervisord; nothing else may. */
function checkDoubles({ document, findings }: Resolver): void {
  const seen = new Map<string, Table>()
  const named = document.tables.filter(({ kind }) => ['programs', 'groups', 'oneshots', 'bundles'].includes(kind))
  for (const table of named) {
    const name = strip(table.name)
    const other = seen.get(name)
    seen.set(name, other ?? table)
    const isOld = (kind: Table['kind']): boolean => kind === 'programs' || kind === 'groups'
    if (other === undefined || (isOld(other.kind) && isOld(table.kind))) continue
    const hint = `the other one is [${tableName(other)}] at ${formatPlace(other.place)}`
    findings.error(`The name ${quote(name)} of [${tableName(table)}] is taken`, table.place, hint)
  }
}

interface Check {
  readonly resolver: Resolver
  readonly known: ReadonlySet<string>
}

function checkNames(
  { resolver, known }: Check,
  names: readonly string[],
  table: Table | undefined,
  key: 'boot' | 'contents' | 'depends_on',
): void {
  for (const name of names.filter((candidate) => !known.has(candidate))) {
    const close = nearest(name, [...known])
    const place = table && (findEntry(table, key)?.place ?? table.place)
    const where = table === undefined ? `"${key}"` : `"${key}" of [${tableName(table)}]`
    resolver.findings.error(`${where} names the unknown ${quote(name)}`, place, close && `did you mean "${close}"?`)
  }
}

function checkDependencies(check: Check, groups: readonly Group[], oneshots: readonly Oneshot[]): void {
  const { resolver } = check
  const once = new Set(oneshots.map(({ name }) => name))
  for (const settings of [...groups.flatMap(({ processes }) => processes), ...oneshots.map(({ up }) => up)]) {
    const table = tableOf(resolver, settings.program)
    const names = settings.depends_on.map(({ name }) => name)
    checkNames(check, names, table, 'depends_on')
    for (const { name, reached } of settings.depends_on) {
      if (!once.has(name) || (reached !== 'started' && reached !== 'ready')) continue
      const place = table && findEntry(table, 'depends_on')?.place
      const message = `${quote(name)} is a oneshot, which is never ${quote(reached)}`
      resolver.findings.error(message, place, 'write "completed", or "ordered"')
    }
  }
}

/** A line of output can only be seen where output is kept. */
function checkReady(resolver: Resolver, groups: readonly Group[]): void {
  for (const { ready, stdout, stderr, program } of groups.flatMap(({ processes }) => processes)) {
    const isKept = stdout.logfile.kind !== 'none' || stderr.logfile.kind !== 'none'
    if (ready?.check.kind !== 'log' || isKept) continue
    const message = `"ready" of [programs.${program}] waits for a line of its output, which is thrown away`
    resolver.findings.error(message, placeOf(tableOf(resolver, program), 'ready'), 'set stdout_logfile')
  }
}

function checkBundleCycles(resolver: Resolver, bundles: readonly Bundle[]): void {
  const needs = new Map(
    bundles.map(({ name, contents }) => [
      name,
      contents
        .filter((inner) => bundles.some((other) => other.name === inner))
        .map((unit) => ({ unit, reached: 'ordered' as const })),
    ]),
  )
  const cycle = shortestCycle({ needs, names: new Map() })
  const [first] = cycle ?? []
  if (cycle === undefined || first === undefined) return
  const place = (name: string) => placeOf(findTable(resolver, ['bundles'], name), 'contents')
  tellCycle(resolver, cycle, (name) => ({ shown: name, verb: 'contains', place: place(name) }))
}

function checkCycle(resolver: Resolver, graph: Graph, groups: readonly Group[]): void {
  const cycle = shortestCycle(graph)
  if (cycle === undefined) return
  const processes = groups.flatMap((group) => group.processes)
  tellCycle(resolver, cycle, (id) => {
    const colon = id.indexOf(':')
    const [group, name] = [id.slice(0, colon), id.slice(colon + 1)]
    const program = processes.find((process) => process.group === group && process.name === name)?.program ?? name
    return { shown: namespec(group, name), verb: 'needs', place: placeOf(tableOf(resolver, program), 'depends_on') }
  })
}

interface Edge {
  readonly shown: string
  readonly verb: string
  readonly place: Place | undefined
}

/** One error for the circle; its hint has each step of it with its place. */
function tellCycle(resolver: Resolver, cycle: readonly string[], describe: (node: string) => Edge): void {
  const edges = cycle.map(describe)
  const next = (index: number): string => edges[(index + 1) % edges.length]?.shown ?? ''
  const steps = edges.map(
    ({ shown, verb, place }, index) =>
      `${place === undefined ? '' : `${formatPlace(place)}: `}${shown} ${verb} ${next(index)}`,
  )
  const loop = [...edges.map(({ shown }) => shown), edges[0]?.shown].join(' → ')
  resolver.findings.error(`A circle: ${loop}`, edges[0]?.place, steps.join('; '))
}

function placeOf(table: Table | undefined, key: string): Place | undefined {
  return table && (findEntry(table, key)?.place ?? table.place)
}

function findTable({ document }: Resolver, kinds: readonly Table['kind'][], name: string): Table | undefined {
  return document.tables.find((table) => kinds.includes(table.kind) && strip(table.name) === name)
}

/** The table that a unit comes from. */
function tableOf(resolver: Resolver, name: string): Table | undefined {
  return resolver.document.tables.find(
    (table) => !['groups', 'bundles'].includes(table.kind) && strip(table.name) === name && table.name !== '',
  )
}
