// Questions that callers of a service ask about its state.

import type { ProcessSettings } from '../../config/settings/process.ts'
import type { Reached } from '../../config/model/dependencies.ts'
import type { StartOutcome } from './context.ts'
import { isRestarting, pidOf, publicState, type State } from './machine/state.ts'
import type { Standing } from './unit.ts'

/** A process is wanted: a start is refused, a stop is accepted. Source: supervisor 4.2.5, states.RUNNING_STATES. */
export function isUp(state: State): boolean {
  if (state.name === 'finishing') return !isBeingStopped(state)
  return ['starting', 'running', 'backoff'].includes(publicState(state))
}

/** It is on its way down. */
export function isBeingStopped(state: State): boolean {
  return (state.name === 'finishing' ? state.from.name : publicState(state)) === 'stopping'
}

/** It is on its way down, or will be as soon as its process exists. */
export function isComingDown(state: State): boolean {
  return state.name === 'aborting' || isBeingStopped(state)
}

/** There is no process and none is being started. Source: supervisor 4.2.5, states.STOPPED_STATES. */
export function isAtRest(state: State): boolean {
  return ['stopped', 'exited', 'fatal', 'unknown'].includes(publicState(state))
}

/** The pid that signals go to: that of the process, or of the group that outlived it. */
export function signalledPid(state: State): number {
  return state.name === 'emptying' ? state.leader : pidOf(state)
}

/** The result of a start; undefined while it is not known. */
export function startOutcome(state: State, spawnError: string): StartOutcome | undefined {
  const shown = publicState(state)
  if (shown === 'starting' || shown === 'finishing' || isRestarting(state)) return undefined
  if (shown === 'running') return 'started'
  return spawnError === '' ? 'abnormal-termination' : 'spawn-error'
}

/**
 * How far a process is for its dependents. `started`: the process exists. `ready`: its key `ready` decides, else
 * RUNNING. `completed`: it ended by itself with an expected exit code, and is not started again.
 */
export function standingOf(
  reached: Reached,
  state: State,
  readiness: { readonly isReady: boolean | undefined; readonly failure: string },
  exitStatus: number,
  { exitcodes }: Pick<ProcessSettings, 'exitcodes'>,
): Standing {
  const isCompleted = state.name === 'exited' && !state.restarting && exitcodes.includes(exitStatus)
  const isReady = readiness.isReady ?? state.name === 'running'
  const isStarted = state.name === 'starting' || state.name === 'running'
  const there = { started: isStarted, ready: isReady, completed: isCompleted, ordered: isReady || isCompleted }
  if (there[reached]) return 'there'
  const failure = whyNot(state, exitStatus) || (reached === 'completed' ? '' : readiness.failure)
  if (failure === '') return 'coming'
  return reached === 'ordered' ? 'there' : { failed: failure }
}

/** Why a process will not get any further by itself; empty when it may. */
function whyNot(state: State, exitStatus: number): string {
  switch (state.name) {
    case 'stopped':
      return 'is stopped'
    case 'fatal':
      return 'is FATAL'
    case 'exited':
      return state.restarting ? '' : `has exited (${exitStatus < 0 ? 'by a signal' : `exit status ${exitStatus}`})`
    case 'aborting':
    case 'stopping':
    case 'emptying':
      return isRestarting(state) ? '' : (state.failure ?? 'is being stopped')
    case 'finishing':
      return state.from.name === 'stopping' ? whyNot(state.from, exitStatus) : ''
    case 'unknown':
      return 'is in an unknown state'
    case 'spawning':
    case 'starting':
    case 'running':
    case 'backoff':
      return ''
    default:
      return state satisfies never
  }
}
