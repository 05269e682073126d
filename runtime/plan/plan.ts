// In which order units start and stop, as steps that can be printed. Pure. A start waits for what the unit needs; a stop
// waits for those that need it, and for the stages before it: supervisord's priorities say nothing about starts but
// their order, while at the end of the daemon the highest priority is down before the next one is stopped.

import { namespec } from '../../config/config.ts'
import type { Graph, Need } from '../../config/dependencies.ts'
import { dependentsOf, withNeeds } from '../../config/graph.ts'

/** One start or stop. */
export interface Step {
  readonly action: 'start' | 'stop'
  /** Id of the unit. */
  readonly unit: string
  /** All steps of lower stages come first; 0 for starts. */
  readonly stage: number
  /** Units of this plan that come first: what a start needs and how far, or who must be down before a stop. */
  readonly after: readonly (Pick<Need, 'unit'> & { readonly reached: Need['reached'] | 'stopped' })[]
}

/** The starts of these units and all they need; each after what it needs. */
export function planStart(graph: Graph, units: Iterable<string>): readonly Step[] {
  const meant = new Set(withNeeds(graph, units))
  return neededFirst(graph, meant).map((unit) => ({
    action: 'start',
    unit,
    stage: 0,
    after: (graph.needs.get(unit) ?? []).filter((need) => meant.has(need.unit)),
  }))
}

/** The stops of these units, each after those that need it. `rank` says which are stopped later: those with less. */
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

/** A line for all that can be done at the same time: `1. start db, cache`, then `2. start web (after db ready)`. Stops come first. */
export function formatPlan(steps: readonly Step[]): readonly string[] {
  const rounds = (['stop', 'start'] as const).flatMap((action) => {
    const units = roundsOf(steps.filter((step) => step.action === action))
    return units.map((names) => `${action} ${names.join(', ')}`)
  })
  return rounds.map((text, index) => `${index + 1}. ${text}`)
}

/** What is done at the same time, round by round. */
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
    const waits = step.after.map(({ unit, reached }) => `${shown(unit)} ${reached}`).join(', ')
    rounds[own] = [...(rounds[own] ?? []), `${shown(step.unit)}${waits === '' ? '' : ` (after ${waits})`}`]
  }
  return rounds
}

/** `group:name` as people write it. */
export function shown(unit: string): string {
  const colon = unit.indexOf(':')
  return namespec(unit.slice(0, colon), unit.slice(colon + 1))
}

/** In the order of the graph, but each after all it needs. */
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
