// The order in which units are started and stopped, as steps that can be printed. Pure. The start of a unit waits for
// its dependencies; the stop of a unit waits for its dependents and for all earlier stages. supervisord's priorities
// decide only the order of starts, not whether one waits for another; in a shutdown, units of the highest priority are
// down before the next ones are stopped.

import { showUnit } from '../../config/model/names.ts'
import type { Graph, Need } from '../../config/model/dependencies.ts'
import { dependentsOf, withNeeds } from '../../config/graph/graph.ts'

/** One start or stop. */
export interface Step {
  readonly action: 'start' | 'stop'
  /** Id of the unit. */
  readonly unit: string
  /** Steps of lower stages come first; 0 for starts. */
  readonly stage: number
  /**
   * Units of this plan that come first: for a start the dependencies and how far they must be, for a stop the units
   * that must be down.
   */
  readonly after: readonly (Pick<Need, 'unit'> & { readonly reached: Need['reached'] | 'stopped' })[]
}

/** The starts of these units and of all their dependencies, in order. */
export function planStart(graph: Graph, units: Iterable<string>): readonly Step[] {
  const meant = new Set(withNeeds(graph, units))
  return neededFirst(graph, meant).map((unit) => ({
    action: 'start',
    unit,
    stage: 0,
    after: (graph.needs.get(unit) ?? []).filter((need) => meant.has(need.unit)),
  }))
}

/** The stops of these units, each after its dependents. Units with a lower `rank` are stopped later. */
export function planStop(graph: Graph, units: Iterable<string>, rank: (unit: string) => number): readonly Step[] {
  const meant = new Set(units)
  const dependents = dependentsOf(graph)
  const order = neededFirst(graph, meant).toReversed()
  const ranks = new Map<string, number>()
  for (const unit of order) {
    const above = (dependents.get(unit) ?? []).map((other) => ranks.get(other) ?? Number.POSITIVE_INFINITY)
    ranks.set(unit, Math.min(rank(unit), ...above))
  }
  const stages = [...new Set(ranks.values())].sort((a, b) => b - a)
  const stageOf = new Map(stages.map((value, index) => [value, index]))
  return order.map((unit) => ({
    action: 'stop',
    unit,
    stage: stageOf.get(ranks.get(unit) ?? 0) ?? 0,
    after: (dependents.get(unit) ?? [])
      .filter((other) => meant.has(other))
      .map((other) => ({ unit: other, reached: 'stopped' })),
  }))
}

/**
 * One line for each round of steps that are done at the same time: `1. start db, cache`, then `2. start web (after db
 * ready)`. Stops come first.
 */
export function formatPlan(steps: readonly Step[]): readonly string[] {
  const rounds = (['stop', 'start'] as const).flatMap((action) => {
    const units = roundsOf(steps.filter((step) => step.action === action))
    return units.map((names) => `${action} ${names.join(', ')}`)
  })
  return rounds.map((text, index) => `${index + 1}. ${text}`)
}

/** Groups steps into rounds; all steps of a round are done at the same time. */
function roundsOf(steps: readonly Step[]): readonly (readonly string[])[] {
  const round = new Map<string, number>()
  const rounds: string[][] = []
  let last = 0
  let least = 0
  for (const step of [...steps].sort((a, b) => a.stage - b.stage)) {
    if (step.stage !== last) least = rounds.length
    last = step.stage
    const own = Math.max(least, ...step.after.map(({ unit }) => (round.get(unit) ?? -1) + 1))
    round.set(step.unit, own)
    const waits = step.after.map(({ unit, reached }) => `${showUnit(unit)} ${reached}`).join(', ')
    rounds[own] = [...(rounds[own] ?? []), `${showUnit(step.unit)}${waits === '' ? '' : ` (after ${waits})`}`]
  }
  return rounds
}

/** In the order of the graph, but each unit after all its dependencies. */
function neededFirst(graph: Graph, meant: ReadonlySet<string>): readonly string[] {
  const done = new Set<string>()
  for (const start of new Set([...graph.needs.keys(), ...meant])) {
    const open = meant.has(start) ? [start] : []
    for (let unit = open.at(-1); unit !== undefined; unit = open.at(-1)) {
      const next = (graph.needs.get(unit) ?? []).find((need) => meant.has(need.unit) && !done.has(need.unit))
      if (next !== undefined && !open.includes(next.unit)) open.push(next.unit)
      else done.add(open.pop() ?? '')
    }
  }
  return [...done]
}
