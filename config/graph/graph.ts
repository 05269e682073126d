// The graph of dependencies. Its nodes are units: single processes and oneshots, called `group:name`. Bundles, groups
// and programs with several processes are names for several units. Pure.

import type { Bundle, Group, Oneshot } from '../settings/config.ts'
import type { ProcessSettings } from '../settings/process.ts'
import { unitId } from '../model/names.ts'
import { membersOf } from './members.ts'
import type { Dependency, Graph, Need, Reached } from '../model/dependencies.ts'

/** What a graph is made from. */
export interface GraphParts {
  readonly groups: readonly Group[]
  readonly oneshots: readonly Oneshot[]
  readonly bundles: readonly Bundle[]
}

/** Makes the graph. Unknown names are left out: the reader of the file has reported them. */
export function createGraph({ groups, oneshots, bundles }: GraphParts): Graph {
  const active = groups.filter(({ shadowed }) => !shadowed)
  const processes = active.flatMap((group) => group.processes)
  const names = createNames(processes, oneshots, bundles)
  const ranked = [
    ...oneshots.map(({ up }) => ({ rank: up.priority, units: [up] })),
    ...active.map((group) => ({ rank: group.priority, units: group.processes })),
  ]
  const units = ranked.sort((a, b) => a.rank - b.rank).flatMap((one) => one.units)
  const byId = new Map(units.map((settings) => [unitId(settings.group, settings.name), settings]))
  const once = new Set(oneshots.map(({ name }) => unitId(name, name)))
  const needs = new Map([...byId].map(([id, settings]) => [id, needsOf(settings, { names, byId, once })] as const))
  return { needs, names }
}

function createNames(
  processes: readonly ProcessSettings[],
  oneshots: readonly Oneshot[],
  bundles: readonly Bundle[],
): Map<string, readonly string[]> {
  const names = new Map<string, string[]>()
  const add = (name: string, id: string): void => {
    const known = names.get(name)
    if (known === undefined) names.set(name, [id])
    else known.push(id)
  }
  const programs = new Set(processes.map(({ program }) => program))
  for (const { program, group, name } of processes) {
    const id = unitId(group, name)
    for (const word of new Set([program, id])) add(word, id)
    if (!programs.has(group)) add(group, id)
  }
  for (const { name } of oneshots) add(name, unitId(name, name))
  const contents = new Map(bundles.map((bundle) => [bundle.name, bundle.contents]))
  return new Map<string, readonly string[]>([...names, ...membersOf(contents, (name) => names.get(name) ?? [])])
}

interface Known {
  readonly names: ReadonlyMap<string, readonly string[]>
  readonly byId: ReadonlyMap<string, ProcessSettings>
  readonly once: ReadonlySet<string>
}

function needsOf({ depends_on: dependencies }: ProcessSettings, { names, byId, once }: Known): readonly Need[] {
  const usual = (unit: string): Reached => {
    if (once.has(unit)) return 'completed'
    return byId.get(unit)?.ready === undefined ? 'started' : 'ready'
  }
  const needs = dependencies.flatMap(({ name, reached }: Dependency) =>
    (names.get(name) ?? []).map((unit): Need => ({ unit, reached: atLeast(reached, usual(unit), once.has(unit)) })),
  )
  return [...new Map(needs.map((need) => [`${need.unit} ${need.reached}`, need])).values()]
}

/** A oneshot has no state between not run and completed. */
function atLeast(reached: Reached | undefined, usual: Reached, isOneshot: boolean): Reached {
  if (reached === undefined) return usual
  return isOneshot && reached !== 'ordered' ? 'completed' : reached
}

/** The units with all their dependencies, in the order of the graph. A dependency that only orders is not added. */
export function withNeeds(graph: Graph, units: Iterable<string>): readonly string[] {
  return inOrder(
    graph,
    reach(units, (unit) => pullsIn(graph.needs.get(unit) ?? [])),
  )
}

/** The units with all their dependents, in the order of the graph. */
export function withDependents(graph: Graph, units: Iterable<string>): readonly string[] {
  const dependents = dependentsOf(graph, (needs) => pullsIn(needs))
  return inOrder(
    graph,
    reach(units, (unit) => dependents.get(unit) ?? []),
  )
}

/** Unit → the units that come after it when both are started. */
export function dependentsOf(
  graph: Graph,
  select: (needs: readonly Need[]) => readonly string[] = (needs) => needs.map(({ unit }) => unit),
): ReadonlyMap<string, readonly string[]> {
  const dependents = new Map<string, string[]>()
  for (const [unit, needs] of graph.needs) {
    for (const other of new Set(select(needs))) {
      const known = dependents.get(other)
      if (known === undefined) dependents.set(other, [unit])
      else known.push(unit)
    }
  }
  return dependents
}

/** How many dependencies are followed to find a shorter circle than the first one. */
const MOST_STEPS = 200_000

/**
 * A circle of units in which each needs the next one, and the last one needs the first; undefined when there is none.
 * It is the shortest one, unless the graph is too large to search.
 */
export function shortestCycle(graph: Graph): readonly string[] | undefined {
  const inside = inCircles(graph)
  let shortest = anyCycle(graph, inside)
  const steps = { left: MOST_STEPS }
  for (const unit of inside) {
    if (shortest === undefined || steps.left <= 0) break
    shortest = cycleFrom(graph, unit, shortest.length, steps) ?? shortest
  }
  return shortest
}

/** Follows dependencies within circles until a unit comes twice. */
function anyCycle(graph: Graph, inside: readonly string[]): readonly string[] | undefined {
  const known = new Set(inside)
  const seen = new Map<string, number>()
  const path: string[] = []
  let unit = inside[0]
  while (unit !== undefined && !seen.has(unit)) {
    seen.set(unit, path.length)
    path.push(unit)
    unit = graph.needs.get(unit)?.find((need) => known.has(need.unit))?.unit
  }
  if (unit === undefined) return undefined
  const circle = path.slice(seen.get(unit))
  const members = new Set(circle)
  const first = circle.indexOf(inside.find((one) => members.has(one)) ?? unit)
  return [...circle.slice(first), ...circle.slice(0, first)]
}

function pullsIn(needs: readonly Need[]): readonly string[] {
  return needs.filter(({ reached }) => reached !== 'ordered').map(({ unit }) => unit)
}

function reach(from: Iterable<string>, next: (unit: string) => readonly string[]): ReadonlySet<string> {
  const reached = new Set(from)
  for (const unit of reached) for (const other of next(unit)) reached.add(other)
  return reached
}

function inOrder(graph: Graph, units: ReadonlySet<string>): readonly string[] {
  return [...graph.needs.keys()].filter((unit) => units.has(unit))
}

/**
 * Units that are left when all units without dependencies are removed again and again: those in circles, or behind
 * them.
 */
function inCircles(graph: Graph): readonly string[] {
  const dependents = dependentsOf(graph)
  const open = new Map([...graph.needs].map(([unit, needs]) => [unit, new Set(needs.map((need) => need.unit)).size]))
  const free = [...open].filter(([, count]) => count === 0).map(([unit]) => unit)
  for (const unit of free) {
    open.delete(unit)
    for (const dependent of dependents.get(unit) ?? []) {
      const left = (open.get(dependent) ?? 0) - 1
      open.set(dependent, left)
      if (left === 0) free.push(dependent)
    }
  }
  return [...open.keys()]
}

/** The shortest way from a unit back to itself, if it is shorter than `limit`. */
function cycleFrom(graph: Graph, start: string, limit: number, steps: { left: number }): readonly string[] | undefined {
  const cameFrom = new Map<string, string>()
  let front = [start]
  for (let length = 1; length < limit && front.length > 0 && steps.left > 0; length += 1) {
    const next: string[] = []
    for (const unit of front) {
      for (const { unit: other } of graph.needs.get(unit) ?? []) {
        steps.left -= 1
        if (other === start) return backTo(start, unit, cameFrom)
        if (cameFrom.has(other)) continue
        cameFrom.set(other, unit)
        next.push(other)
      }
    }
    front = next
  }
  return undefined
}

function backTo(start: string, last: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const path = [last]
  for (let unit = last; unit !== start;) {
    unit = cameFrom.get(unit) ?? start
    path.push(unit)
  }
  return path.reverse()
}
