// Oneshots, bundles and dependencies: reads their tables, and reports unknown names and circular dependencies.

import { showUnit, splitUnitId, unitId } from '../model/names.ts'
import type { Bundle, Group, Oneshot } from '../settings/config.ts'
import type { Graph } from '../model/dependencies.ts'
import { formatPlace, type Place } from '../model/diagnostic.ts'
import { type Entry, findEntry, type Table, tableName } from '../keys/document.ts'
import { createGraph, shortestCycle } from '../graph/graph.ts'
import { bundleKeys, oneshotKeys } from '../keys/oneshot.ts'
import { compareText } from '../model/compare.ts'
import { nearest } from '../values/nearest.ts'
import { checkChecks } from './resolve-checks.ts'
import { checkName, resolveProgram } from './resolve-groups.ts'
import type { Resolver } from './resolver.ts'
import { checkKeys, readSettings } from './read-settings.ts'
import { quote, strip } from '../values/values.ts'

/** The parts of a configuration besides programs and groups. */
export interface Dependencies {
  readonly oneshots: readonly Oneshot[]
  readonly graph: Graph
}

/** Reads all tables of oneshots and bundles. `environment` and `boot` are values of [supervisor]. */
export function resolveDependencies(
  resolver: Resolver,
  groups: readonly Group[],
  environment: Readonly<Record<string, string>>,
  boot: readonly string[] | undefined,
): Dependencies {
  const { tables } = resolver
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
  checkChecks(resolver, groups, oneshots)
  checkBundleCycles(resolver, bundles)
  checkCycle(resolver, graph, groups)
  return { oneshots: oneshots.sort((a, b) => compareText(a.name, b.name)), graph }
}

/** Keys of a oneshot that a program does not have. */
const OWN_KEYS = ['up', 'down', 'timeout_up', 'timeout_down']

/** A oneshot is read as two programs with different commands. */
function resolveOneshot(resolver: Resolver, table: Table, environment: Readonly<Record<string, string>>): Oneshot {
  checkName(table, resolver)
  checkKeys(table, oneshotKeys, resolver.findings)
  const name = strip(table.name)
  const { timeout_up, timeout_down } = readSettings(table, oneshotKeys, ['program'], resolver.names, resolver.findings)
  const common = table.entries.filter(({ key }) => Object.hasOwn(oneshotKeys, key) && !OWN_KEYS.includes(key))
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

/** Reports names that are used twice. A program and a group may have the same name, as in supervisord. */
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
    const close = resolver.findings.isFull ? undefined : nearest(name, known, table && strip(table.name))
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

function checkBundleCycles(resolver: Resolver, bundles: readonly Bundle[]): void {
  const known = new Set(bundles.map(({ name }) => name))
  const needs = new Map(
    bundles.map(({ name, contents }) => [
      name,
      contents.filter((inner) => known.has(inner)).map((unit) => ({ unit, reached: 'ordered' as const })),
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
  const all = groups.flatMap((group) => group.processes)
  const programs = new Map(all.map(({ group, name, program }) => [unitId(group, name), program]))
  tellCycle(resolver, cycle, (id) => {
    const program = programs.get(id) ?? splitUnitId(id).name
    return { shown: showUnit(id), verb: 'needs', place: placeOf(tableOf(resolver, program), 'depends_on') }
  })
}

interface Edge {
  readonly shown: string
  readonly verb: string
  readonly place: Place | undefined
}

/** Reports a circular dependency; the hint names each step with its place. */
function tellCycle(resolver: Resolver, cycle: readonly string[], describe: (node: string) => Edge): void {
  const edges = cycle.map(describe)
  const next = (index: number): string => edges[(index + 1) % edges.length]?.shown ?? ''
  const steps = edges.map(
    ({ shown, verb, place }, index) =>
      `${place === undefined ? '' : `${formatPlace(place)}: `}${shown} ${verb} ${next(index)}`,
  )
  const loop = [...edges.map(({ shown }) => shown), edges[0]?.shown].join(' → ')
  resolver.findings.error(`Circular dependency: ${loop}`, edges[0]?.place, steps.join('; '))
}

function placeOf(table: Table | undefined, key: string): Place | undefined {
  return table && (findEntry(table, key)?.place ?? table.place)
}

function findTable({ named }: Resolver, kinds: readonly Table['kind'][], name: string): Table | undefined {
  return named(name).find((table) => kinds.includes(table.kind))
}

/** The table that a unit comes from. */
function tableOf(resolver: Resolver, name: string): Table | undefined {
  return resolver.named(name).find((table) => !['groups', 'bundles'].includes(table.kind) && table.name !== '')
}
