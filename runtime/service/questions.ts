// What callers of a service ask of its state.

import type { StartOutcome } from './context.ts'
import { pidOf, publicState, type State } from './state.ts'

/** A process is wanted: start refuses, stop accepts. Source: supervisor 4.2.5, states.RUNNING_STATES. */
export function isUp(state: State): boolean {
  return ['starting', 'running', 'backoff'].includes(publicState(state))
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
  if (shown === 'starting') return undefined
  if (shown === 'running') return 'started'
  return spawnError === '' ? 'abnormal-termination' : 'spawn-error'
}
