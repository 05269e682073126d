// Stops programs whose dependencies are lost (key `on_dependency_lost`): down, not ready any more, or unhealthy. A
// dependency that comes back within the delay is not lost. With "restart" a program starts again as soon as all its
// dependencies are there. Units report their changes on the event bus, so neither they nor the sequencer know of this.

import { showUnit, unitId } from '../../config/model/names.ts'
import type { Need } from '../../config/model/dependencies.ts'
import type { EventBus } from '../events/bus.ts'
import type { RuntimeEvent } from '../events/event.ts'
import type { Logger } from '../log/sink.ts'
import type { Unit } from '../service/unit.ts'
import type { Clock, Timer } from '../system/clock.ts'

/** What this needs of the daemon. */
export interface LossesParts {
  readonly clock: Clock
  readonly log: Logger
  readonly bus: Pick<EventBus, 'on'>
  find(id: string): Unit | undefined
  /** The dependencies of each unit. */
  needs(): ReadonlyMap<string, readonly Need[]>
  /** Stops a unit, without its dependents. */
  stop(id: string): void
  start(id: string): void
}

/** Acts on lost dependencies until it is closed. */
export class Losses {
  readonly #parts: LossesParts
  /** Dependency → the units with the key that need it. */
  #dependents = new Map<string, string[]>()
  readonly #timers = new Map<string, Timer>()
  /** Units that were stopped, and start again when their dependencies are there. */
  readonly #owed = new Set<string>()
  readonly #stopHearing: () => void

  constructor(parts: LossesParts) {
    this.#parts = parts
    this.#stopHearing = parts.bus.on((event) => this.#hear(event))
  }

  /** Another configuration is in force. */
  follow(): void {
    this.#dependents = new Map()
    for (const [id, needs] of this.#parts.needs()) {
      if (this.#policy(id) === 'none') continue
      for (const { unit } of needs) this.#dependents.set(unit, [...(this.#dependents.get(unit) ?? []), id])
    }
    for (const id of new Set([...this.#dependents.values()].flat())) this.#look(id)
  }

  /** Ends it. */
  close(): void {
    this.#stopHearing()
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
    this.#owed.clear()
  }

  #hear(event: RuntimeEvent): void {
    if (event.type === 'supervisor-state' && event.state === 'stopping') this.close()
    if (event.type === 'stop-requested' && this.#owed.delete(event.id)) this.#cancelled(event.id)
    const changed =
      event.type === 'unit-changed' ? event.id : event.type === 'health' ? unitId(event.group, event.name) : undefined
    if (changed === undefined) return
    if (this.#owed.has(changed) && this.#parts.find(changed)?.isUp === true) this.#owed.delete(changed)
    for (const id of this.#dependents.get(changed) ?? []) this.#look(id)
  }

  #look(id: string): void {
    const unit = this.#parts.find(id)
    const lost = this.#lost(id)
    if (lost === undefined) {
      this.#timers.get(id)?.cancel()
      this.#timers.delete(id)
      if (this.#owed.delete(id) && unit !== undefined && !unit.isUp) this.#begin(unit)
      return
    }
    if (unit === undefined || !unit.isUp || unit.isStopping || this.#timers.has(id)) return
    const { delay } = unit.settings.on_dependency_lost
    this.#timers.set(
      id,
      this.#parts.clock.after(delay * 1000, () => {
        this.#timers.delete(id)
        this.#act(id)
      }),
    )
  }

  #act(id: string): void {
    const unit = this.#parts.find(id)
    const lost = this.#lost(id)
    if (lost === undefined || unit === undefined || !unit.isUp || unit.isStopping) return
    const action = this.#policy(id)
    if (action === 'none') return
    const later = action === 'restart' ? ' until it is back' : ''
    this.#say(unit, 'warn', `stopping ${unit.name}${later}: its dependency ${lost}`)
    this.#parts.stop(id)
    // Behind the stop: each request for a stop cancels the start.
    if (action === 'restart') this.#owed.add(id)
  }

  #cancelled(id: string): void {
    const unit = this.#parts.find(id)
    if (unit !== undefined)
      this.#say(unit, 'info', `${unit.name} is not started when its dependencies are back: its stop was requested`)
  }

  #begin(unit: Unit): void {
    this.#say(unit, 'info', `starting ${unit.name}: its dependencies are back`)
    this.#parts.start(unit.id)
  }

  /** What is lost, for messages: `db is down`; undefined when nothing is. */
  #lost(id: string): string | undefined {
    for (const { unit, reached } of this.#parts.needs().get(id) ?? []) {
      if (reached === 'ordered') continue
      const dependency = this.#parts.find(unit)
      if (dependency === undefined) continue
      const name = showUnit(unit)
      if (dependency.info().health?.status === 'unhealthy') return `${name} is unhealthy`
      if (dependency.standing(reached) !== 'there')
        return `${name} is ${dependency.isUp && reached === 'ready' ? 'not ready' : 'down'}`
    }
    return undefined
  }

  #policy(id: string): 'none' | 'stop' | 'restart' {
    return this.#parts.find(id)?.settings.on_dependency_lost.action ?? 'none'
  }

  #say({ group, name: process }: Unit, level: 'warn' | 'info', message: string): void {
    this.#parts.log.log(level, message, { group, process })
  }
}
