// What the first start of the daemon waited for.

import { criticalPath } from '../plan/boot-record.ts'
import { shown } from '../plan/plan.ts'
import type { Operation } from './operations.ts'

/** One unit; times are ms since the start began, null for what has not happened. */
export interface BootService {
  readonly name: string
  /** When all that it needs had come. */
  readonly begun: number | null
  /** When there was a process. */
  readonly started: number | null
  /** When it was up, and ready where something says so. */
  readonly up: number | null
  /** Why it did not come up, else empty. */
  readonly failure: string
  /** Whether the whole start would have been over earlier without it. */
  readonly critical: boolean
  readonly needs: readonly { readonly name: string; readonly reached: string }[]
}

/** The whole start. */
export interface Boot {
  /** Since it began, in ms. */
  readonly elapsed: number
  readonly services: readonly BootService[]
}

/** When each unit that the daemon started first was wanted, started and up. */
export const boot: Operation<object, Boot> = {
  summary: 'When each unit of the first start was begun, started and up, and which made it as long as it was',
  errors: [],
  run: ({ supervisor }) => {
    const { entries, elapsedMs } = supervisor.boot
    const critical = new Set(criticalPath(entries))
    const services = entries.map(({ unit, begunMs, startedMs, upMs, failure, needs }) => ({
      name: shown(unit),
      begun: begunMs ?? null,
      started: startedMs ?? null,
      up: upMs ?? null,
      failure,
      critical: critical.has(unit),
      needs: needs.map((need) => ({ name: shown(need.unit), reached: need.reached })),
    }))
    return { elapsed: elapsedMs, services }
  },
}
