// Compares two states of a service: gives its new status, and the events between the two. Source: s6 2.15,
// s6-supervise: uplastup, downlastup; section 3.2 of its behaviour as verified by experiment.

import type { Status } from './status-file.ts'
import type { ProcessInfo } from '../operations/supervised.ts'

/** The first status of a service. */
export function firstStatus(nowMs: number): Status {
  const times = { sinceMs: nowMs, readySinceMs: nowMs }
  return { phase: 'down', ...times, isReady: true, pid: 0, ended: undefined, isPaused: false, wantsUp: false }
}

/** The status of a service whose last status was `before`. */
export function nextStatus(before: Status, info: ProcessInfo): Status {
  const { pid, nowMs, ended } = info
  const phase = pid !== 0 ? 'up' : isFinishing(info) ? 'finishing' : 'down'
  const isSame = phase === before.phase && (pid === before.pid || phase !== 'up')
  const isDeath = before.phase === 'up' && phase !== 'up'
  const isReady = phase === 'up' ? info.ready === true : phase === 'down'
  return {
    phase,
    sinceMs: isDeath ? nowMs : phase === 'up' ? info.startedAtMs : before.sinceMs,
    isReady,
    readySinceMs: isReady && !(isSame && before.isReady) ? nowMs : before.readySinceMs,
    pid: phase === 'finishing' ? before.pid : pid,
    ended: ended ?? before.ended,
    isPaused: isSame && phase === 'up' && before.isPaused,
    wantsUp: info.comesBack === true,
  }
}

/** The events between two states, one letter each. */
export function eventsBetween(before: Status, now: Status, info: ProcessInfo): string {
  const isOther = before.phase === 'up' && (now.phase !== 'up' || now.pid !== before.pid)
  const isNew = now.phase === 'up' && (before.phase !== 'up' || isOther)
  const isDone = now.phase !== 'finishing' && (isOther || before.phase === 'finishing')
  const isFailure = isDone && now.phase === 'down' && before.wantsUp && isGivenUp(info)
  const isReady = now.phase === 'up' && now.isReady && (isNew || !before.isReady)
  return [isOther && 'd', isFailure && 'O', isDone && 'D', isNew && 'u', isReady && 'U'].filter(Boolean).join('')
}

/**
 * There is no process, but the end of the last one is not complete: `finish` is running, or others of its group still
 * have to end.
 */
function isFinishing({ state }: ProcessInfo): boolean {
  return state === 'finishing' || state === 'stopping'
}

/** It ended by itself, and its rules or its `finish` forbid a restart. */
function isGivenUp({ state, comesBack }: ProcessInfo): boolean {
  return (state === 'fatal' || state === 'exited') && comesBack !== true
}
