// Counts the results of health checks. Pure.

import type { Health } from '../../../config/model/checks.ts'

/** `starting`: no check has succeeded yet. */
export type HealthStatus = 'starting' | 'healthy' | 'unhealthy'

/** The health of one process. */
export interface HealthCount {
  readonly status: HealthStatus
  /** Results in a row that are unlike the status: failures, or successes of one that is unhealthy. */
  readonly inARow: number
}

/** The health of a process, for clients. */
export interface HealthReport {
  readonly status: HealthStatus
  /** Why the last check failed; empty after a success, and before the first check. */
  readonly problem: string
}

/** The health of a process that has not been checked. */
export const UNCHECKED: HealthCount = { status: 'starting', inARow: 0 }

/** One more result. In the start period of a process that was never healthy, failures do not count. */
export function countResult(
  before: HealthCount,
  result: { readonly isGood: boolean; readonly ageMs: number },
  { failures, successes, start_period: startPeriod }: Pick<Health, 'failures' | 'successes' | 'start_period'>,
): HealthCount {
  const { status } = before
  if (result.isGood) {
    if (status === 'unhealthy') return count(before, successes, 'healthy')
    return { status: 'healthy', inARow: 0 }
  }
  const isSpared = status === 'starting' && result.ageMs < startPeriod * 1000
  return status === 'unhealthy' || isSpared ? { status, inARow: 0 } : count(before, failures, 'unhealthy')
}

function count({ status, inARow }: HealthCount, limit: number, next: HealthStatus): HealthCount {
  return inARow + 1 >= limit ? { status: next, inARow: 0 } : { status, inARow: inARow + 1 }
}
