// Starts that were requested and have not begun, because a dependency of the unit has not come.

import type { StartOutcome } from '../service/context.ts'

/** A start that waits. */
export interface PendingStart {
  /** Called with the outcome. A start without a waiting client has none. */
  readonly starters: ((outcome: StartOutcome | Promise<StartOutcome>) => void)[]
  /** If the unit is up when the start begins, it is restarted. */
  isRestart: boolean
  /** The unit must be stopped before, in the order of a restart of several units. */
  needsStop: boolean
}

/** All waiting starts of a daemon, by unit. */
export class PendingStarts {
  readonly #starts = new Map<string, PendingStart>()

  get ids(): readonly string[] {
    return [...this.#starts.keys()]
  }

  get isEmpty(): boolean {
    return this.#starts.size === 0
  }

  has(id: string): boolean {
    return this.#starts.has(id)
  }

  get(id: string): PendingStart | undefined {
    return this.#starts.get(id)
  }

  /** Adds a waiting start for the unit, or gives the one that is there. */
  add(id: string): PendingStart {
    const start = this.#starts.get(id) ?? { starters: [], isRestart: false, needsStop: false }
    this.#starts.set(id, start)
    return start
  }

  /** Resolves with the outcome of the waiting start for the unit; adds that start when there is none. */
  outcomeOf(id: string): Promise<StartOutcome> {
    const { starters } = this.add(id)
    return new Promise((resolve) => starters.push(resolve))
  }

  /** The unit has been stopped for its restart. */
  noteStopped(id: string): void {
    const start = this.#starts.get(id)
    if (start !== undefined) start.needsStop = false
  }

  /** Ends a waiting start with an outcome. */
  settle(id: string, outcome: StartOutcome): void {
    const start = this.#starts.get(id)
    this.#starts.delete(id)
    for (const tell of start?.starters ?? []) tell(outcome)
  }

  /** The start has begun. */
  remove(id: string): void {
    this.#starts.delete(id)
  }
}
