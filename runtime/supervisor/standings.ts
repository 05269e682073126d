// How far the start of each unit is, and what its dependents make of that. The sequencer asks these questions and
// decides what follows; nothing is changed here.

import { showUnit } from '../../config/model/names.ts'
import type { Graph, Need } from '../../config/model/dependencies.ts'
import { dependentsOf, withDependents } from '../../config/graph/graph.ts'
import { planStart, planStop, type Step } from '../plan/plan.ts'
import type { Standing } from '../service/unit.ts'
import { PendingStarts } from './pending-starts.ts'
import { startLimit, type StartLimitParts, tellOverdue } from './start-limit.ts'

/** A dependency, direct or indirect, that has not come. */
export interface Unfinished {
  readonly unit: string
  /** The others only wait for its end (`ordered`), so it may do its work to the end. */
  readonly mayRun: boolean
}

/** Answers questions about units. The sequencer changes the three records. */
export class Standings {
  /** Starts that wait for dependencies. */
  readonly waiting: PendingStarts
  /** Units that were retired: new units with the same names may follow. */
  readonly retired = new Set<string>()
  /** Why a unit was not started. */
  readonly failures = new Map<string, string>()
  readonly #parts: StartLimitParts
  #graph: Graph = { needs: new Map(), names: new Map() }
  #dependents: ReadonlyMap<string, readonly string[]> = new Map()

  /** `expire` is called when a start has waited for its dependencies as long as it may. */
  constructor(parts: StartLimitParts, expire: (id: string) => void) {
    this.#parts = parts
    this.waiting = new PendingStarts((id) => startLimit(parts, id, () => expire(id)))
  }

  get graph(): Graph {
    return this.#graph
  }

  /** Unit → units that need it. */
  get dependents(): ReadonlyMap<string, readonly string[]> {
    return this.#dependents
  }

  /** From now on this graph of dependencies is in force. */
  use(graph: Graph): void {
    this.#graph = graph
    this.#dependents = dependentsOf(graph)
    this.retired.clear()
  }

  /** The dependencies of a unit. */
  needs(id: string): readonly Need[] {
    return this.#graph.needs.get(id) ?? []
  }

  /** Dependencies of a unit that are not up and are not being started. */
  lacking(id: string): readonly string[] {
    return this.needs(id)
      .filter((need) => need.reached !== 'ordered' && typeof this.of(need) === 'object')
      .map(({ unit }) => unit)
  }

  /** How far a dependency is. A unit that does not exist keeps no dependent from starting. */
  of({ unit: id, reached }: Need): Standing {
    const unit = this.#parts.find(id)
    if (unit === undefined) return 'there'
    if (this.waiting.has(id) || this.retired.has(id)) return 'coming'
    const standing = unit.standing(reached)
    return typeof standing === 'object' && this.failures.has(id) ? { failed: 'was not started' } : standing
  }

  /** How far all dependencies of a unit are: `failed` when one cannot come, with its name. */
  ofNeeds(id: string): Standing {
    const obstacle = this.#obstacle(id)
    if (obstacle !== undefined) return { failed: obstacle }
    return this.#isComplete(id) ? 'there' : 'coming'
  }

  /** Whether the unit needs one of the others, or one of them needs the unit. */
  isRelated(id: string, others: ReadonlySet<string>): boolean {
    const dependents = this.dependents.get(id) ?? []
    return this.needs(id).some(({ unit }) => others.has(unit)) || dependents.some((other) => others.has(other))
  }

  /** How far the start of a unit is. */
  progress(id: string): Standing {
    if (this.waiting.has(id) || this.retired.has(id)) return 'coming'
    const failure = this.failures.get(id)
    if (failure !== undefined) return { failed: failure }
    return this.#parts.find(id)?.standing('ready') ?? { failed: 'was taken away by another configuration' }
  }

  /** The dependencies that the start of a unit waits for; undefined when no start waits. */
  waitingFor(id: string): readonly string[] | undefined {
    if (!this.waiting.has(id)) return undefined
    return this.needs(id)
      .filter((need) => this.#isMissing(id, need))
      .map(({ unit }) => showUnit(unit))
  }

  /** Why a waiting start cannot begin any more; undefined while it can. */
  #obstacle(id: string): string | undefined {
    const { givenUp = '', isOverdue = false } = this.waiting.get(id) ?? {}
    if (givenUp !== '') return givenUp
    for (const need of this.needs(id)) {
      const standing = this.of(need)
      if (typeof standing === 'object') return `${showUnit(need.unit)} ${standing.failed}`
      if (isOverdue && standing === 'coming' && need.reached !== 'ordered')
        return `${showUnit(need.unit)} has not come in time`
    }
    return undefined
  }

  /**
   * Whether a waiting start waits for no dependency. Programs that end as soon as they have started need not be up at
   * the same time. Source: s6-rc 0.7, broadcast_success.
   */
  #isComplete(id: string): boolean {
    const start = this.waiting.get(id)
    if (start === undefined || start.isOverdue) return true
    for (const need of this.needs(id)) if (this.of(need) === 'there') start.come.add(need.unit)
    return this.needs(id).every((need) => !this.#isMissing(id, need))
  }

  #isMissing(id: string, need: Need): boolean {
    const { unit } = need
    const isAnew = this.waiting.has(unit) || this.retired.has(unit)
    return this.of(need) === 'coming' && (isAnew || this.waiting.get(id)?.come.has(unit) !== true)
  }

  /** The start of a unit is overdue: the starts that it waits for do not begin any more. Gives what it waits for. */
  giveUp(id: string): readonly Unfinished[] {
    const overdue = this.waiting.get(id)
    const unfinished = this.#unfinished(id)
    if (overdue === undefined) return []
    overdue.isOverdue = true
    const reason = tellOverdue(this.#parts, id, unfinished)
    for (const { unit } of unfinished) {
      const waiting = this.waiting.get(unit)
      if (waiting !== undefined) waiting.givenUp = reason
    }
    return unfinished
  }

  #unfinished(id: string): readonly Unfinished[] {
    const found = new Map<string, boolean>()
    const open = [id]
    for (let one = open.pop(); one !== undefined; one = open.pop())
      for (const { unit, reached } of this.needs(one)) {
        if (!found.has(unit)) open.push(unit)
        found.set(unit, one !== id && reached === 'ordered' && found.get(unit) !== false)
      }
    return [...found].flatMap(([unit, mayRun]) => (this.progress(unit) === 'coming' ? [{ unit, mayRun }] : []))
  }

  /** The starts of those units that are not up, and of their dependencies that are not up and not being started. */
  startPlan(units: readonly string[]): readonly Step[] {
    const wanted = new Set(units.filter((id) => this.#parts.find(id)?.isUp === false))
    for (const id of wanted) for (const other of this.lacking(id)) wanted.add(other)
    const isAwaited = (need: Need) => wanted.has(need.unit) || this.of(need) === 'coming'
    return planStart(this.#graph, wanted)
      .filter(({ unit }) => wanted.has(unit))
      .map((step) => ({ ...step, after: this.needs(step.unit).filter(isAwaited) }))
  }

  /** The stops of those units and of their dependents, as far as they are up or their starts wait. */
  stopPlan(units: Iterable<string>): readonly Step[] {
    const isMeant = (id: string) => this.waiting.has(id) || this.#parts.find(id)?.isUp === true
    return planStop(this.#graph, withDependents(this.#graph, units).filter(isMeant), () => 0)
  }
}
