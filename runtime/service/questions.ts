// What callers of a service ask of its state.

import type { ProcessSettings } from '../../config/config.ts'
import type { Reached } from '../../config/dependencies.ts'
import type { StartOutcome } from './context.ts'
import { pidOf, publicState, type State } from './state.ts'
import type { Standing } from './unit.ts'

/** A process is wanted: start refuses, stop accepts. Source: supervisor 4.2.5, states.RUNNING_STATES. */
export function isUp(state: State): boolean {
  if (state.name === 'finishing') return !isBeingStopped(state)
  return ['starting', 'running', 'backoff'].includes(publicState(state))
}

/** It is on its way down. */
export function isBeingStopped(state: State): boolean {
  return (state.name === 'finishing' ? state.from.name : publicState(state)) === 'stopping'
}

/** There is no process and none is on its way. Source: supervisor 4.2.5, states.STOPPED_STATES. */
export function isAtRest(state: State): boolean {
  return ['stopped', 'exited', 'fatal', 'unknown'].includes(publicState(state))
}

/** The number that signals for a state are sent to: its process, or the group that the process has left behind. */
export function signalledPid(state: State): number {
  return state.name === 'emptying' ? state.leader : pidOf(state)
}

/** How a start went; undefined while that is open. */
export function startOutcome(state: State, spawnError: string): StartOutcome | undefined {
  const shown = publicState(state)
  if (shown === 'starting' || shown === 'finishing') return undefined
  if (shown === 'running') return 'started'
  return spawnError === '' ? 'abnormal-termination' : 'spawn-error'
}

/**
 * How far a process is for those that need it. Started: there is a process. Ready: what its `ready` says, else RUNNING.
 * Completed: it ended by itself, with an exit code that is expected, and is not started again.
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

/** Why a process will come no further by itself; empty when it may. */
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
      return state.failure ?? 'is being stopped'
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
