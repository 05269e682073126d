// Promises for the end of a start. Each resolves when its unit is up and ready, or when it is clear that it will not
// be.

import type { StartOutcome } from '../service/context.ts'
import type { Standing, Unit } from '../service/unit.ts'

/** How a start ended: the unit is up (and ready, where it has a readiness check), or why it is not. */
export type Arrival = Exclude<Standing, 'coming'>

/** All such promises of a daemon. */
export class Arrivals {
  readonly #standing: (id: string) => Standing
  readonly #awaited = new Map<string, ((arrival: Arrival) => void)[]>()

  /** `standing` gives the progress of a unit. */
  constructor(standing: (id: string) => Standing) {
    this.#standing = standing
  }

  /** Resolves when the start of the unit has ended. */
  of(id: string): Promise<Arrival> {
    return new Promise((resolve) => {
      this.#awaited.set(id, [...(this.#awaited.get(id) ?? []), resolve])
      this.changed(id)
    })
  }

  /** The outcome of a start that has begun. A unit with a readiness check must become ready. */
  async outcome(unit: Unit | undefined, begun: StartOutcome): Promise<StartOutcome> {
    if (begun !== 'started' || unit?.settings.ready === undefined || (await this.of(unit.id)) === 'there') return begun
    return unit.isUp ? 'not-ready' : 'abnormal-termination'
  }

  /** The progress of this unit may have changed. */
  changed(id: string): void {
    const awaited = this.#awaited.get(id)
    const standing = awaited === undefined ? 'coming' : this.#standing(id)
    if (awaited === undefined || standing === 'coming') return
    this.#awaited.delete(id)
    for (const tell of awaited) tell(standing)
  }

  /** The progress of any unit may have changed. */
  allChanged(): void {
    for (const id of [...this.#awaited.keys()]) this.changed(id)
  }
}
