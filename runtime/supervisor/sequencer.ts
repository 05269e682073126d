// Starts each unit when its dependencies have come, and stops each unit when its dependents are down. See decision 10.
// The problem: `web` needs `db` ready and `migrate` done. Clients, reloads and the first start may ask for any of them
// in any order, while processes fail, restart by themselves or are being stopped.
//
// The design: a requested start waits in `waiting` (standings.ts). Each unit reports each change to changed(), which
// looks at that unit and its dependents. Only #consider() decides about a waiting start: it begins when all
// dependencies have come, and fails when one cannot come any more. Time limits belong to the units.
//
// What always holds:
// - A unit has one waiting start at most. A second request for it adds a client that waits for the same outcome.
// - A dependency that fails also fails every start that waits for it, directly or not. Running units keep running.
// - A request is ordered completely before the call returns, so it is carried out also if the client goes away.
//
// The races:
// - A unit is stopped while its start waits: the start is cancelled (`abnormal-termination`) and never begins.
// - A unit is wanted again while it is being stopped: its start waits until it is down.
// - A reload replaces a unit: its dependents wait until the new one is there (`retired`).
// - A unit may wait no longer (`timeout_depends`): the starts that it waits for are cancelled first, so that none of them
//   begins because of another one that failed.
// - The daemon process ends while starts wait: each is part of the note of its unit, and the next one resumes it.

import { showUnit } from '../../config/model/names.ts'
import type { Graph } from '../../config/model/dependencies.ts'
import { withDependents } from '../../config/graph/graph.ts'
import type { EventBus } from '../events/bus.ts'
import type { Logger } from '../log/sink.ts'
import type { StartOutcome, StopOutcome } from '../service/context.ts'
import { tellFailure, tellWaiting } from '../service/tell.ts'
import type { Unit } from '../service/unit.ts'
import { type Arrival, Arrivals } from './arrivals.ts'
import type { BootRecord } from './boot-record.ts'
import type { PendingStart } from './pending-starts.ts'
import type { Step } from '../plan/plan.ts'
import { Standings } from './standings.ts'
import type { Clock } from '../system/clock.ts'
import { stopEach } from './stop-each.ts'

/** What a Sequencer needs. */
export interface SequencerParts {
  readonly log: Logger
  /** Records the first start. */
  readonly boot: BootRecord
  readonly bus: EventBus
  readonly clock: Clock
  find(id: string): Unit | undefined
}

/** Keeps the order of starts and stops among all units of a daemon. */
export class Sequencer {
  readonly #parts: SequencerParts
  readonly #standings: Standings
  readonly #arrivals = new Arrivals((id) => this.#standings.progress(id))

  constructor(parts: SequencerParts) {
    this.#parts = parts
    this.#standings = new Standings(parts, (id) => this.#expire(id))
  }

  /** From now on this graph of dependencies is in force. */
  use(graph: Graph): void {
    this.#standings.use(graph)
    this.#arrivals.allChanged()
  }

  get graph(): Graph {
    return this.#standings.graph
  }

  /** The starts that start() would order. */
  startPlan(units: readonly string[]): readonly Step[] {
    return this.#standings.startPlan(units)
  }

  /** The stops that takeDown() would order. */
  stopPlan(units: Iterable<string>): readonly Step[] {
    return this.#standings.stopPlan(units)
  }

  /** Starts these units, and those of their dependencies that are not up, each as soon as possible. */
  start(units: readonly string[]): void {
    const order = this.startPlan(units)
    this.#parts.boot.wanted(order.map(({ unit }) => ({ unit, needs: this.#standings.needs(unit) })))
    for (const { unit } of order) {
      this.#standings.failures.delete(unit)
      this.#standings.waiting.add(unit)
    }
    for (const unit of this.#standings.waiting.ids) this.#consider(unit)
    for (const { unit } of order) {
      this.#note(unit)
      tellWaiting(this.#parts.bus, this.#parts.find(unit), this.waitingFor(unit))
    }
  }

  /** As start(). Gives a promise for the end of each start: of these units, and of all that are started with them. */
  bringUp(units: readonly string[]): ReadonlyMap<string, Promise<Arrival>> {
    const meant = new Set([...this.startPlan(units).map(({ unit }) => unit), ...units])
    this.start(units)
    return new Map([...meant].map((id) => [id, this.#arrivals.of(id)]))
  }

  /** Takes over the waiting start, or the reason for a failed one, of the previous daemon process. */
  resume(unit: string, { isWaiting, failure }: { readonly isWaiting: boolean; readonly failure: string }): void {
    if (isWaiting) this.#standings.waiting.add(unit)
    else if (failure !== '') this.#standings.failures.set(unit, failure)
  }

  /** Starts one unit. Resolves when it has failed, or when it is up and ready, where it has a readiness check. */
  async begin(id: string): Promise<StartOutcome> {
    const outcome = this.#standings.waiting.outcomeOf(id)
    this.start([id])
    return this.#arrivals.outcome(this.#parts.find(id), await outcome)
  }

  /**
   * Restarts units; gives the outcome of each. Other dependents keep running. A unit without dependencies among the
   * others gets a single event: stop and start. The others stop in order and start as their dependencies come.
   */
  restart(units: Iterable<string>): ReadonlyMap<string, Promise<StartOutcome>> {
    const meant = new Set(units)
    const isRelated = (id: string): boolean => this.#standings.isRelated(id, meant)
    const outcomes = new Map([...meant].map((id) => [id, this.#restarted(id, isRelated(id))]))
    const ordered = new Set([...meant].filter(isRelated))
    for (const [id, stopped] of this.#stopAll(ordered, (unit) => unit.stop()))
      void stopped.then(() => this.#release(id))
    for (const id of meant) this.start(this.#standings.lacking(id).filter((other) => !meant.has(other)))
    for (const id of meant) this.#consider(id)
    return outcomes
  }

  /** Stops units and all their dependents, or only these (`alone`), each after its dependents. Gives each outcome. */
  takeDown(units: Iterable<string>, alone = false): ReadonlyMap<string, Promise<StopOutcome>> {
    const named = new Set(units)
    const meant = alone ? named : new Set(withDependents(this.#standings.graph, named))
    for (const id of named) this.#parts.bus.emit({ type: 'stop-requested', id })
    const withdrawn = new Set([...meant].filter((id) => this.#standings.waiting.has(id)))
    for (const id of meant) this.#withdraw(id)
    return this.#stopAll(meant, async (unit) => {
      if (unit.settings.essential && unit.isUp) return 'essential'
      return withdrawn.has(unit.id) ? 'stopped' : unit.stop()
    })
  }

  /** Cancels the waiting start of a unit, and the start that it is owed when its dependencies are back. Gives whether one waited. */
  cancelStart(id: string): boolean {
    this.#parts.bus.emit({ type: 'stop-requested', id })
    const isWaiting = this.#standings.waiting.has(id)
    this.#withdraw(id)
    return isWaiting
  }

  /** Stops exactly these units for good, in order. A start that waits for one of them waits for the next use(). */
  async retire(units: readonly string[]): Promise<void> {
    for (const id of units) {
      this.#withdraw(id)
      this.#standings.retired.add(id)
    }
    const stops = this.#stopAll(new Set(units), async (unit) => {
      await unit.retire()
      return 'stopped'
    })
    await Promise.all(stops.values())
  }

  /** Cancels all waiting starts. */
  withdraw(): void {
    for (const id of this.#standings.waiting.ids) this.#withdraw(id)
  }

  async #restarted(id: string, needsStop: boolean): Promise<StartOutcome> {
    this.#standings.failures.delete(id)
    const waiting = this.#standings.waiting.add(id)
    waiting.isRestart = !needsStop
    waiting.needsStop = needsStop
    return this.#arrivals.outcome(this.#parts.find(id), await this.#standings.waiting.outcomeOf(id))
  }

  #release(id: string): void {
    this.#standings.waiting.noteStopped(id)
    this.#consider(id)
  }

  /** Reports that the state of a unit has changed. */
  changed(id: string): void {
    this.#parts.bus.emit({ type: 'unit-changed', id })
    const unit = this.#parts.find(id)
    if (unit !== undefined) this.#parts.boot.changed(unit)
    this.#arrivals.changed(id)
    if (this.#standings.waiting.isEmpty) return
    this.#consider(id)
    for (const other of this.#standings.dependents.get(id) ?? []) this.#consider(other)
  }

  /** The dependencies that the start of a unit waits for; undefined when no start waits. */
  waitingFor(id: string): readonly string[] | undefined {
    return this.#standings.waitingFor(id)
  }

  /** Why the last requested start of a unit did not begin. */
  failure(id: string): string | undefined {
    return this.#standings.failures.get(id)
  }

  /** Decides about a waiting start: begins it when all dependencies have come, fails it when one cannot come. */
  #consider(id: string): void {
    const unit = this.#parts.find(id)
    const waiting = this.#standings.waiting.get(id)
    if (waiting === undefined || waiting.needsStop || (unit?.isStopping === true && !waiting.isRestart)) return
    const standing = this.#standings.ofNeeds(id)
    if (typeof standing === 'object') this.#fail(id, standing.failed, waiting.isOverdue)
    if (standing !== 'there') return
    this.#standings.waiting.remove(id)
    this.#parts.boot.begun(id)
    if (unit !== undefined) this.#begin(unit, waiting)
  }

  /** The unit has waited for its dependencies as long as it may. */
  #expire(id: string): void {
    for (const { unit, mayRun } of this.#standings.giveUp(id)) {
      if (this.#standings.waiting.has(unit)) this.#consider(unit)
      else if (!mayRun) this.#parts.find(unit)?.giveUp?.()
    }
    this.#consider(id)
  }

  #begin(unit: Unit, { starters, isRestart }: PendingStart): void {
    if (starters.length === 0) {
      unit.startWithoutWaiting()
      this.#arrivals.changed(unit.id)
      return
    }
    const outcome = isRestart ? unit.restart() : unit.start()
    for (const tell of starters) tell(outcome)
    this.#note(unit.id)
  }

  #fail(id: string, reason: string, isOverdue: boolean): void {
    this.#standings.failures.set(id, reason)
    this.#parts.boot.failed(id, reason)
    this.#parts.log.log('error', `not starting ${showUnit(id)}: ${reason}`, { process: showUnit(id) })
    const unit = this.#parts.find(id)
    if (unit !== undefined) tellFailure(this.#parts.bus, unit.settings, 'cannot start', isOverdue)
    this.#settle(id, 'needs-failed')
    this.changed(id)
  }

  #withdraw(id: string): void {
    this.#standings.failures.delete(id)
    this.#settle(id, 'abnormal-termination')
  }

  #settle(id: string, outcome: StartOutcome): void {
    this.#standings.waiting.settle(id, outcome)
    this.#arrivals.changed(id)
    this.#note(id)
  }

  /** Writes the note of a unit anew: whether its start waits is a part of that note. */
  #note(id: string): void {
    this.#parts.find(id)?.remember()
  }

  #stopAll(
    meant: ReadonlySet<string>,
    stop: (unit: Unit) => Promise<StopOutcome>,
  ): ReadonlyMap<string, Promise<StopOutcome>> {
    return stopEach({ meant, dependents: this.#standings.dependents, find: (id) => this.#parts.find(id), stop })
  }
}
