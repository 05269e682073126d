// Starts units when what they need has come so far, and stops them when nobody needs them any more. Nothing here looks at
// a clock: units tell of every change, and only those that wait for the one that changed are looked at. What can no
// longer come fails the whole branch that waits for it; everything else goes on.

import type { Graph, Need } from '../../config/dependencies.ts'
import { dependentsOf, withDependents } from '../../config/graph.ts'
import type { EventBus } from '../events/bus.ts'
import type { Logger } from '../log/sink.ts'
import type { StartOutcome, StopOutcome } from '../service/context.ts'
import { tellFailure } from '../service/tell.ts'
import type { Standing, Unit } from '../service/unit.ts'
import type { BootRecord } from './boot-record.ts'
import { planStart, planStop, shown, type Step } from './plan.ts'
import { stopEach } from './stop-each.ts'

type Starter = (outcome: StartOutcome | Promise<StartOutcome>) => void

/** Where a start ends: the unit is up, and ready where something says so, or why it is not. */
export type Arrival = Exclude<Standing, 'coming'>

/** What a Sequencer needs. */
export interface SequencerParts {
  readonly log: Logger
  /** Notes the first start. */
  readonly boot: BootRecord
  readonly bus: EventBus
  find(id: string): Unit | undefined
  /** Hears of every change, too. */
  heard?(id: string): void
}

/** Keeps the order among all units of a daemon. */
export class Sequencer {
  readonly #parts: SequencerParts
  #graph: Graph = { needs: new Map(), names: new Map() }
  #dependents: ReadonlyMap<string, readonly string[]> = new Map()
  /** Units to be started, with whoever wants to know what becomes of that. */
  readonly #waiting = new Map<string, Starter[]>()
  /** Who wants to know when a unit has arrived. */
  readonly #awaited = new Map<string, ((arrival: Arrival) => void)[]>()
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
    for (const id of [...this.#awaited.keys()]) this.#tellArrival(id)
  }

  /** The graph that holds. */
  get graph(): Graph {
    return this.#graph
  }

  /** What start() would start: those of the units that are not up, with what they need and lack. */
  startPlan(units: readonly string[]): readonly Step[] {
    const wanted = new Set(units.filter((id) => this.#parts.find(id)?.isUp === false))
    for (const id of wanted) for (const other of this.#lacking(id)) wanted.add(other)
    const isAwaited = (need: Need) => wanted.has(need.unit) || this.#standing(need) === 'coming'
    return planStart(this.#graph, wanted)
      .filter(({ unit }) => wanted.has(unit))
      .map((step) => ({ ...step, after: this.#needs(step.unit).filter(isAwaited) }))
  }

  /** What stop() would stop: those of the units, and of those that need them, that are up or wait for that. */
  stopPlan(units: Iterable<string>): readonly Step[] {
    const isMeant = (id: string) => this.#waiting.has(id) || this.#parts.find(id)?.isUp === true
    return planStop(this.#graph, withDependents(this.#graph, units).filter(isMeant), () => 0)
  }

  /** Starts units, with what they need and lack, as soon as can be. */
  start(units: readonly string[]): void {
    const order = this.startPlan(units)
    this.#parts.boot.wanted(order.map(({ unit }) => ({ unit, needs: this.#needs(unit) })))
    for (const { unit } of order) {
      this.#failures.delete(unit)
      if (!this.#waiting.has(unit)) this.#waiting.set(unit, [])
    }
    for (const unit of [...this.#waiting.keys()]) this.#consider(unit)
    for (const { unit } of order) this.#note(unit)
  }

  /** As start; tells of each of the units, and of all that is started with them, where that ends. */
  bringUp(units: readonly string[]): ReadonlyMap<string, Promise<Arrival>> {
    const meant = new Set([...this.startPlan(units).map(({ unit }) => unit), ...units])
    this.start(units)
    return new Map([...meant].map((id) => [id, this.#arrival(id)]))
  }

  /** What the brain before had come to: the unit waits, as the next start() will see, or was not started for that reason. */
  resume(unit: string, { isWaiting, failure }: { readonly isWaiting: boolean; readonly failure: string }): void {
    if (isWaiting) this.#waiting.set(unit, [])
    else if (failure !== '') this.#failures.set(unit, failure)
  }

  /** As start, for one; resolves when it is up, and ready where something says so, or has failed. */
  async begin(id: string): Promise<StartOutcome> {
    const outcome = await new Promise<StartOutcome>((resolve) => {
      const known = this.#waiting.get(id)
      if (known === undefined) this.#waiting.set(id, [resolve])
      else known.push(resolve)
      this.start([id])
    })
    const unit = this.#parts.find(id)
    if (outcome !== 'started' || unit?.settings.ready === undefined || (await this.#arrival(id)) === 'there')
      return outcome
    return unit.isUp ? 'not-ready' : 'abnormal-termination'
  }

  /**
   * Stops units and all that need them, or with `alone` only the units, each after those of them that need it; tells how
   * it goes for each.
   */
  takeDown(units: Iterable<string>, alone = false): ReadonlyMap<string, Promise<StopOutcome>> {
    const meant = new Set(alone ? units : withDependents(this.#graph, units))
    const withdrawn = new Set([...meant].filter((id) => this.#waiting.has(id)))
    for (const id of meant) this.#withdraw(id)
    return this.#stopAll(meant, async (unit) => {
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
    const stops = this.#stopAll(new Set(units), async (unit) => {
      await unit.retire()
      return 'stopped'
    })
    await Promise.all(stops.values())
  }

  /** Nothing that waits is started any more. */
  withdraw(): void {
    for (const id of [...this.#waiting.keys()]) this.#withdraw(id)
  }

  /** A unit may have come further, or no longer be able to. */
  changed(id: string): void {
    this.#parts.heard?.(id)
    const unit = this.#parts.find(id)
    if (unit !== undefined) this.#parts.boot.changed(unit)
    this.#tellArrival(id)
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
    this.#parts.boot.begun(id)
    if (starters.length === 0) {
      unit.startWithoutWaiting()
      this.#tellArrival(id)
      return
    }
    const outcome = unit.start()
    for (const tell of starters) tell(outcome)
    this.#note(id)
  }

  #fail(id: string, reason: string): void {
    this.#failures.set(id, reason)
    this.#parts.boot.failed(id, reason)
    this.#parts.log.log('error', `not starting ${shown(id)}: ${reason}`, { process: shown(id) })
    const unit = this.#parts.find(id)
    if (unit !== undefined) tellFailure(this.#parts.bus, unit.settings, 'cannot start')
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
    this.#tellArrival(id)
    this.#note(id)
  }

  /** Whether it waits is a part of what the next brain must know of it. */
  #note(id: string): void {
    this.#parts.find(id)?.remember()
  }

  #stopAll(
    meant: ReadonlySet<string>,
    stop: (unit: Unit) => Promise<StopOutcome>,
  ): ReadonlyMap<string, Promise<StopOutcome>> {
    return stopEach({ meant, dependents: this.#dependents, find: (id) => this.#parts.find(id), stop })
  }

  /** Resolves when a unit that was to be started is there, or will not be. */
  #arrival(id: string): Promise<Arrival> {
    return new Promise((resolve) => {
      this.#awaited.set(id, [...(this.#awaited.get(id) ?? []), resolve])
      this.#tellArrival(id)
    })
  }

  #tellArrival(id: string): void {
    const awaited = this.#awaited.get(id)
    if (awaited === undefined || this.#waiting.has(id) || this.#retired.has(id)) return
    const failure = this.#failures.get(id)
    const standing = this.#parts.find(id)?.standing('ready') ?? { failed: 'was taken away by another configuration' }
    const arrival = failure === undefined ? standing : { failed: failure }
    if (arrival === 'coming') return
    this.#awaited.delete(id)
    for (const tell of awaited) tell(arrival)
  }
}
