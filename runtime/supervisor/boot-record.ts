// Records the first start of the daemon: when each unit was wanted, started and up, and the chain of dependencies that
// took longest. There is one entry for each unit; later starts are not recorded.

import type { Need } from '../../config/model/dependencies.ts'
import type { Unit } from '../service/unit.ts'

/** Times are milliseconds since the first start began; undefined for what has not happened. */
export interface BootEntry {
  readonly unit: string
  /** When all its dependencies had come. */
  readonly begunMs: number | undefined
  /** When its process was started. */
  readonly startedMs: number | undefined
  /** When it was up, and ready where it has a readiness check. */
  readonly upMs: number | undefined
  /** Why it did not come up; empty while it still may. */
  readonly failure: string
  readonly needs: readonly Need[]
}

/** Records the first start. */
export class BootRecord {
  readonly #nowMs: () => number
  readonly #entries = new Map<string, BootEntry>()
  #beganMs: number | undefined

  /** `nowMs` gives the time. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** In the order in which the units were wanted. */
  get entries(): readonly BootEntry[] {
    return [...this.#entries.values()]
  }

  /** The unit that was up last, and before it the dependency that it waited for longest, and so on; first to last. */
  get criticalPath(): readonly string[] {
    return findCriticalPath(this.entries)
  }

  /** Milliseconds since the first start began; 0 when there was none. */
  get elapsedMs(): number {
    return this.#beganMs === undefined ? 0 : this.#nowMs() - this.#beganMs
  }

  /** The start of these units was requested; only the first request for a unit counts. */
  wanted(units: readonly { readonly unit: string; readonly needs: readonly Need[] }[]): void {
    if (this.#beganMs !== undefined) return
    this.#beganMs = this.#nowMs()
    const open = { begunMs: undefined, startedMs: undefined, upMs: undefined, failure: '' }
    for (const one of units) this.#entries.set(one.unit, { ...open, ...one })
  }

  /** All dependencies of this unit have come. */
  begun(unit: string): void {
    this.#note(unit, { begunMs: this.elapsedMs })
  }

  /** This unit is not started. */
  failed(unit: string, failure: string): void {
    this.#note(unit, { failure })
  }

  /** The state of this unit may have changed. */
  changed(unit: Unit): void {
    const entry = this.#entries.get(unit.id)
    if (entry?.begunMs === undefined || entry.upMs !== undefined || entry.failure !== '') return
    const standing = unit.standing('ready')
    if (entry.startedMs === undefined && unit.info().pid !== 0) this.#note(unit.id, { startedMs: this.elapsedMs })
    if (standing === 'there') this.#note(unit.id, { upMs: this.elapsedMs })
    else if (standing !== 'coming') this.#note(unit.id, { failure: standing.failed })
  }

  #note(unit: string, news: Partial<BootEntry>): void {
    const entry = this.#entries.get(unit)
    if (entry !== undefined && entry.upMs === undefined && entry.failure === '')
      this.#entries.set(unit, { ...entry, ...news })
  }
}

function findCriticalPath(entries: readonly BootEntry[]): readonly string[] {
  const byUnit = new Map(entries.map((entry) => [entry.unit, entry]))
  const path: string[] = []
  let next = latest(entries, ({ upMs }) => upMs)
  while (next !== undefined && !path.includes(next.unit)) {
    path.unshift(next.unit)
    const waits = next.needs.flatMap(({ unit, reached }) => {
      const entry = byUnit.get(unit)
      return entry === undefined ? [] : [{ entry, atMs: reached === 'started' ? entry.startedMs : entry.upMs }]
    })
    next = latest(waits, ({ atMs }) => atMs)?.entry
  }
  return path
}

function latest<Item>(items: readonly Item[], timeOf: (item: Item) => number | undefined): Item | undefined {
  let found: { readonly item: Item; readonly atMs: number } | undefined
  for (const item of items) {
    const atMs = timeOf(item)
    if (atMs !== undefined && (found === undefined || atMs > found.atMs)) found = { item, atMs }
  }
  return found?.item
}
