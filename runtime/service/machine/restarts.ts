// Decides when the next automatic restart comes, and when no further one is tried, by the rule `restart`. Pure.

import type { Restart, RestartRules } from '../../../config/model/ends.ts'
import type { ExitStatus } from '../../shim/shim.ts'

/** Automatic restarts since a client started the service, or since it ran long enough (reset_after). */
export interface Restarts {
  readonly inARow: number
  /** Monotonic times of the last restarts, as many as `limit` needs. */
  readonly times: readonly number[]
  /** Delay before the last of them. */
  readonly afterMs: number
}

const NONE: Restarts = { inARow: 0, times: [], afterMs: 0 }

/** Source: s6 2.15, s6-supervise: at least one second after the end or after it was ready; a minute when exec fails. */
const S6_DELAY_MS = 1000
const S6_SPAWN_DELAY_MS = 60_000

/** The end of a process that leads to a restart; times are monotonic. */
export interface End {
  readonly atMs: number
  /** How long the process had lived; undefined when it could not be started. */
  readonly livedMs: number | undefined
  /** The exit code that a shell uses for a command that could not be started. */
  readonly exitCode?: number | undefined
  /** When `finish` had ended. */
  readonly finishedAtMs?: number | undefined
  /** When the process had become ready. */
  readonly readyAtMs?: number | undefined
  /** How it ended; undefined when it could not be started, and when it was stopped because it is unhealthy. */
  readonly status?: Pick<ExitStatus, 'code'>
}

/** The exit code, if it is one after which there is no restart. */
export function finalCode({ status }: End, rule: Restart | undefined): number | undefined {
  const code = status?.code
  return typeof rule === 'object' && code !== undefined && rule.no_restart_codes.includes(code) ? code : undefined
}

/**
 * The counters with the next restart; undefined when no further restart is tried. `chance` is a random number from 0 to
 * 1, for the jitter.
 */
export function nextRestart(before: Restarts = NONE, end: End, rule: Restart, chance = 0): Restarts | undefined {
  if (rule === 's6') return { inARow: before.inARow + 1, times: [], afterMs: s6DelayMs(end) }
  const { atMs, livedMs = 0 } = end
  const { limit, window, reset_after: resetAfter } = rule
  const isProved = resetAfter > 0 && livedMs >= resetAfter * 1000
  const { inARow, times } = isProved ? NONE : before
  const recent = times.filter((time) => time > atMs - window * 1000)
  if (limit > 0 && (window > 0 ? recent.length : inARow) >= limit) return undefined
  const counted = window > 0 && limit > 0 ? [...recent, atMs] : []
  return { inARow: inARow + 1, times: counted, afterMs: delayMs(inARow, rule) + rule.jitter * chance * 1000 }
}

function delayMs(before: number, { delay, factor, max_delay: maxDelay }: RestartRules): number {
  return Math.min(maxDelay, delay * factor ** before) * 1000
}

function s6DelayMs({ atMs, livedMs, finishedAtMs = atMs, readyAtMs }: End): number {
  if (livedMs === undefined) return S6_SPAWN_DELAY_MS
  if (readyAtMs === undefined) return S6_DELAY_MS
  return Math.min(S6_DELAY_MS, Math.max(0, readyAtMs + S6_DELAY_MS - finishedAtMs))
}
