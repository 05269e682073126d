// How long to wait before the next automatic restart, and when to give up, as `restart` says. Pure.

import type { Restart } from '../../config/ends.ts'

/** Automatic restarts since somebody started the service, or since it proved itself. */
export interface Restarts {
  readonly inARow: number
  /** When the last of them were asked for, as many as `limit` needs to know; monotonic. */
  readonly times: readonly number[]
}

const NONE: Restarts = { inARow: 0, times: [] }

/** The end that asks for a restart: when, and how long the process had lived. */
export interface End {
  readonly atMs: number
  readonly livedMs: number
}

/** What comes next; undefined when it is to be given up. */
export function nextRestart(
  before: Restarts = NONE,
  { atMs, livedMs }: End,
  rule: Restart,
): { readonly afterMs: number; readonly restarts: Restarts } | undefined {
  const { limit, window, reset_after: resetAfter } = rule
  const isProved = resetAfter > 0 && livedMs >= resetAfter * 1000
  const { inARow, times } = isProved ? NONE : before
  const recent = times.filter((time) => time > atMs - window * 1000)
  if (limit > 0 && (window > 0 ? recent.length : inARow) >= limit) return undefined
  const counted = window > 0 && limit > 0 ? [...recent, atMs] : []
  const restarts = { inARow: inARow + 1, times: counted }
  return { afterMs: delayMs(restarts, rule), restarts }
}

/** How long the last of these restarts waits. */
export function delayMs({ inARow }: Pick<Restarts, 'inARow'>, { delay, factor, max_delay: maxDelay }: Restart): number {
  return Math.min(maxDelay, delay * factor ** Math.max(0, inARow - 1)) * 1000
}
