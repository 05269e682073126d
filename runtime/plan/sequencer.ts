// Starts units when what they need has come so far, and stops them when nobody needs them any more. Nothing here looks at
// a clock: units tell of every change, and only those that wait for the one that changed are looked at. What can no
// longer come fails the whole branch that waits for it; everything else goes on.

import type { Graph, Need } from '../../config/dependencies.ts'
import { dependentsOf, withDependents } from '../../config/graph.ts'
import type { Logger } from '../log/sink.ts'
import type { StartOutcome, StopOutcome } from '../service/context.ts'
import type { Unit } from '../service/unit.ts'
import { planStart, shown } from './plan.ts'

type Starter = (outcome: StartOutcome | Promise<StartOutcome>) => void

/** What a Sequencer needs. */
export interface SequencerParts {
  readonly log: Logger
  find(id: string): Unit | undefined
}

/** Keeps the order among all units of a daemon. */
export class Sequencer {
  readonly #parts: SequencerParts
  #graph: Graph = { needs: new Map(), names: new Map() }
  #dependents: ReadonlyMap<string, readonly string[]> = new Map()
  /** Units to be started, with whoever wants to know what becomes of that. */
  readonly #waiting = new Map<string, Starter[]>()
  /** Units that were retired: others of their names may follow. */
  readonly #retired = new Set<string>()
  /** Why a unit was not started. */
  readonly #failures = new Map<string, string>()

  constructor(parts: SequencerParts) {
    this.#parts = parts
  }

  /** From now on this graph holds. */
  use(graph: Graph): void {
    this.#graph = graph
    this.#dependents = dependentsOf(graph)
    this.#retired.clear()
  }

  /** Starts units, with what they need and lack, as soon as can be. */
  start(units: readonly string[]): void {
    const wanted = new Set(units.filter((id) => this.#parts.find(id)?.isUp === false))
    for (const id of wanted) for (const other of this.#lacking(id)) wanted.add(other)
    const order = planStart(this.#graph, wanted).filter(({ unit }) => wanted.has(unit))
    for (const { unit } of order) {
      this.#failures.delete(unit)
      if (!this.#waiting.has(unit)) this.#waiting.set(unit, [])
    }
    for (const unit of [...this.#waiting.keys()]) this.#consider(unit)
    for (const { unit } of order) this.#note(unit)
  }

  /** What the brain before had come to: the unit waits, as the next start() will see, or was not started for that reason. */
  resume(unit: string, { isWaiting, failure }: { readonly isWaiting: boolean; readonly failure: string }): void {
    if (isWaiting) this.#waiting.set(unit, [])
    else if (failure !== '') this.#failures.set(unit, failure)
  }

  /** As start, for one; resolves when it is up or has failed. */
  begin(unit: string): Promise<StartOutcome> {
    return new Promise((resolve) => {
      const known = this.#waiting.get(unit)
      if (known === undefined) this.#waiting.set(unit, [resolve])
      else known.push(resolve)
      this.start([unit])
    })
  }

  /** Stops units and all that need them, each after those that need it; gives how it went for each. */
  stop(units: readonly string[]): Promise<ReadonlyMap<string, StopOutcome>> {
    const meant = new Set(withDependents(this.#graph, units))
    const withdrawn = new Set([...meant].filter((id) => this.#waiting.has(id)))
    for (const id of meant) this.#withdraw(id)
    return this.#takeDown(meant, async (unit) => {
      if (unit.settings.essential && unit.isUp) return 'essential'
      return withdrawn.has(unit.id) ? 'stopped' : unit.stop()
    })
  }

  /** Stops exactly these for good, in the same order. Who waits for one of them waits for what use() and start() bring. */
  async retire(units: readonly string[]): Promise<void> {
    for (const id of units) {
      this.#withdraw(id)
      this.#retired.add(id)
    }
    await this.#takeDown(new Set(units), async (unit) => {
      await unit.retire()
      return 'stopped'
    })
  }

  /** Nothing that waits is started any more. */
  withdraw(): void {
    for (const id of [...this.#waiting.keys()]) this.#withdraw(id)
  }

  /** A unit may have come further, or no longer be able to. */
  changed(id: string): void {
    if (this.#waiting.size === 0) return
    this.#consider(id)
    for (const other of this.#dependents.get(id) ?? []) this.#consider(other)
  }

  /** What a unit still waits for; undefined when it does not wait. */
  waitingFor(id: string): readonly string[] | undefined {
    if (!this.#waiting.has(id)) return undefined
    return this.#needs(id)
      .filter((need) => this.#standing(need) === 'coming')
      .map(({ unit }) => shown(unit))
  }

  /** Why a unit was not started, since somebody wanted that. */
  failure(id: string): string | undefined {
    return this.#failures.get(id)
  }

  #needs(id: string): readonly Need[] {
    return this.#graph.needs.get(id) ?? []
  }

  /** What a unit needs that has not come and will not come by itself. */
  #lacking(id: string): readonly string[] {
    return this.#needs(id)
      .filter((need) => need.reached !== 'ordered' && typeof this.#standing(need) === 'object')
      .map(({ unit }) => unit)
  }

  #standing({ unit: id, reached }: Need): ReturnType<Unit['standing']> {
    const unit = this.#parts.find(id)
    if (unit === undefined) return 'there'
    if (this.#waiting.has(id) || this.#retired.has(id)) return 'coming'
    const standing = unit.standing(reached)
    return typeof standing === 'object' && this.#failures.has(id) ? { failed: 'was not started' } : standing
  }

  /** Starts a waiting unit if nothing is missing; fails it when something cannot come. */
  #consider(id: string): void {
    const unit = this.#parts.find(id)
    if (!this.#waiting.has(id) || unit?.isStopping === true) return
    let isComplete = true
    for (const need of this.#needs(id)) {
      const standing = this.#standing(need)
      if (typeof standing === 'object') {
        this.#fail(id, `${shown(need.unit)} ${standing.failed}`)
        return
      }
      if (standing === 'coming') isComplete = false
    }
    if (!isComplete) return
    const starters = this.#waiting.get(id) ?? []
    this.#waiting.delete(id)
    if (unit === undefined) return
    if (starters.length === 0) {
      unit.startWithoutWaiting()
      return
    }
    const outcome = unit.start()
    for (const tell of starters) tell(outcome)
    this.#note(id)
  }

  #fail(id: string, reason: string): void {
    this.#failures.set(id, reason)
    this.#parts.log.log('error', `not starting ${shown(id)}: ${reason}`, { process: shown(id) })
    this.#settle(id, 'needs-failed')
    this.changed(id)
  }

  #withdraw(id: string): void {
    this.#failures.delete(id)
    this.#settle(id, 'abnormal-termination')
  }

  #settle(id: string, outcome: StartOutcome): void {
    const starters = this.#waiting.get(id)
    this.#waiting.delete(id)
    for (const tell of starters ?? []) tell(outcome)
    this.#note(id)
  }

  /** Whether it waits is a part of what the next brain must know of it. */
  #note(id: string): void {
    this.#parts.find(id)?.remember()
  }

  /** What cannot be taken down keeps up all that it needs. */
  async #takeDown(
    meant: ReadonlySet<string>,
    stop: (unit: Unit) => Promise<StopOutcome>,
  ): Promise<ReadonlyMap<string, StopOutcome>> {
    const stops = new Map<string, Promise<StopOutcome>>()
    const down = async (id: string): Promise<StopOutcome> => {
      const above = (this.#dependents.get(id) ?? []).filter((other) => meant.has(other))
      const outcomes = await Promise.all(above.map(once))
      const unit = this.#parts.find(id)
      if (unit === undefined) return 'not-running'
      const isHeldUp = outcomes.some((outcome) => outcome === 'failed' || outcome === 'essential')
      return isHeldUp ? 'failed' : stop(unit)
    }
    const once = (id: string): Promise<StopOutcome> => {
      const known = stops.get(id) ?? down(id)
      stops.set(id, known)
      return known
    }
    return new Map(await Promise.all([...meant].map(async (id) => [id, await once(id)] as const)))
  }
}
