// Who needs whom. The nodes are units: single processes and oneshots, called `group:name`. Bundles, groups and
// programs of several processes are names for several units. Pure.

import type { Bundle, Group, Oneshot, ProcessSettings } from './config.ts'
import type { Dependency, Graph, Need, Reached } from './dependencies.ts'

/** What a Graph is made from. */
export interface GraphParts {
  readonly groups: readonly Group[]
  readonly oneshots: readonly Oneshot[]
  readonly bundles: readonly Bundle[]
}

/** The id of a unit; a oneshot is alone in a group of its own name. */
export function unitId(group: string, name: string): string {
  return `${group}:${name}`
}

/** Makes the graph. Names that nothing has are left out: who reads a file has told of them before. */
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
  const add = (name: string, id: string): void => void names.set(name, [...(names.get(name) ?? []), id])
  const programs = new Set(processes.map(({ program }) => program))
  for (const { program, group, name } of processes) {
    const id = unitId(group, name)
    for (const word of new Set([program, id])) add(word, id)
    if (!programs.has(group)) add(group, id)
  }
  for (const { name } of oneshots) add(name, unitId(name, name))
  const open = new Map(bundles.map((bundle) => [bundle.name, bundle.contents]))
  const expand = (name: string, above: readonly string[]): readonly string[] => {
    const contents = open.get(name)
    if (contents === undefined || above.includes(name)) return names.get(name) ?? []
    return contents.flatMap((inner) => expand(inner, [...above, name]))
  }
  const expanded = bundles.map(({ name }) => [name, [...new Set(expand(name, []))]] as const)
  return new Map<string, readonly string[]>([...names, ...expanded])
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

/** Of a oneshot there is nothing between nothing and completed. */
function atLeast(reached: Reached | undefined, usual: Reached, isOneshot: boolean): Reached {
  if (reached === undefined) return usual
  return isOneshot && reached !== 'ordered' ? 'completed' : reached
}

/** The units with all that they need, in the order of the graph. What is only ordered is not pulled in. */
export function withNeeds(graph: Graph, units: Iterable<string>): readonly string[] {
  return inOrder(
    graph,
    reach(units, (unit) => pullsIn(graph.needs.get(unit) ?? [])),
  )
}

/** The units with all that need them, in the order of the graph. */
export function withDependents(graph: Graph, units: Iterable<string>): readonly string[] {
  const dependents = dependentsOf(graph, (needs) => pullsIn(needs))
  return inOrder(
    graph,
    reach(units, (unit) => dependents.get(unit) ?? []),
  )
}

/** Unit → the units that come after it when both start, for whatever reason. */
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

/** The shortest circle of units, each needing the next and the last the first; undefined when there is none. */
export function shortestCycle(graph: Graph): readonly string[] | undefined {
  let shortest: readonly string[] | undefined
  for (const unit of inCircles(graph)) {
    const cycle = cycleFrom(graph, unit, shortest?.length ?? Number.POSITIVE_INFINITY)
    if (cycle !== undefined) shortest = cycle
  }
  return shortest
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

/** Units that are left when all that need nothing are taken away again and again: those in circles or behind them. */
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
function cycleFrom(graph: Graph, start: string, limit: number): readonly string[] | undefined {
  const cameFrom = new Map<string, string>()
  let front = [start]
  for (let length = 1; length < limit && front.length > 0; length += 1) {
    const next: string[] = []
    for (const unit of front) {
      for (const { unit: other } of graph.needs.get(unit) ?? []) {
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
    path.unshift(unit)
  }
  return path
}
