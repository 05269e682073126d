// What the first start waited for: for each unit when it was wanted, when it was started and when it was up, and the chain of
// waits that made it as long as it was. One entry a unit; what is started later is not noted.

import type { Need } from '../../config/dependencies.ts'
import type { Unit } from '../service/unit.ts'

/** Times are ms since the start began; undefined for what has not happened. */
export interface BootEntry {
  readonly unit: string
  /** When all that it needs had come. */
  readonly begunMs: number | undefined
  /** When there was a process. */
  readonly startedMs: number | undefined
  /** When it was up, and ready where something says so. */
  readonly upMs: number | undefined
  /** Why it did not come up; empty while it may. */
  readonly failure: string
  readonly needs: readonly Need[]
}

/** Notes the first start. */
export class BootRecord {
  readonly #nowMs: () => number
  readonly #entries = new Map<string, BootEntry>()
  #beganMs: number | undefined

  /** `nowMs` is the clock that counts. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** In the order in which they were wanted. */
  get entries(): readonly BootEntry[] {
    return [...this.#entries.values()]
  }

  /** Since the start began; 0 when there was none. */
  get elapsedMs(): number {
    return this.#beganMs === undefined ? 0 : this.#nowMs() - this.#beganMs
  }

  /** A start of these has been asked for; only the first one counts. */
  wanted(units: readonly { readonly unit: string; readonly needs: readonly Need[] }[]): void {
    if (this.#beganMs !== undefined) return
    this.#beganMs = this.#nowMs()
    const open = { begunMs: undefined, startedMs: undefined, upMs: undefined, failure: '' }
    for (const one of units) this.#entries.set(one.unit, { ...open, ...one })
  }

  /** Nothing is missing any more. */
  begun(unit: string): void {
    this.#note(unit, { begunMs: this.elapsedMs })
  }

  /** It is not started. */
  failed(unit: string, failure: string): void {
    this.#note(unit, { failure })
  }

  /** It may have come further. */
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

/** The unit that was up last and, one before the other, what each waited for longest: first to last. */
export function criticalPath(entries: readonly BootEntry[]): readonly string[] {
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
