// Starts that were requested and have not begun, because a dependency of the unit has not come.

import type { StartOutcome } from '../service/context.ts'
import type { Timer } from '../system/clock.ts'

/** A start that waits. */
export interface PendingStart {
  /** Called with the outcome. A start without a waiting client has none. */
  readonly starters: ((outcome: StartOutcome | Promise<StartOutcome>) => void)[]
  /** If the unit is up when the start begins, it is restarted. */
  isRestart: boolean
  /** The unit must be stopped before, in the order of a restart of several units. */
  needsStop: boolean
  /** Dependencies that came while it waited. One that now restarts by itself does not hold it up again. */
  readonly come: Set<string>
  /** Its `timeout_depends` is over: it waits for no dependency any more. */
  isOverdue: boolean
  /** Why it will not begin: a unit that waited for this one waits no longer. */
  givenUp: string
  /** Runs out when the unit has waited for its dependencies as long as it may. */
  limit: Timer | undefined
}

/** All waiting starts of a daemon, by unit. */
export class PendingStarts {
  readonly #starts = new Map<string, PendingStart>()
  readonly #limit: (id: string) => Timer | undefined

  /** `limit` starts the timer for the start of a unit that may not wait without end. */
  constructor(limit: (id: string) => Timer | undefined) {
    this.#limit = limit
  }

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
    const start = this.#starts.get(id) ?? {
      ...{ starters: [], isRestart: false, needsStop: false, isOverdue: false },
      ...{ givenUp: '', come: new Set<string>(), limit: this.#limit(id) },
    }
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
    this.remove(id)
    for (const tell of start?.starters ?? []) tell(outcome)
  }

  /** The start has begun. */
  remove(id: string): void {
    this.#starts.get(id)?.limit?.cancel()
    this.#starts.delete(id)
  }
}
