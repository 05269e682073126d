// Takes over a service of the previous daemon process, from its note (note.ts) and from the slot that the helper kept:
// gives the state in which the state machine continues.

import type { InheritedProcess, InheritedSlot } from '../../shim/shim.ts'
import type { Clock } from '../../system/clock.ts'
import { type Facts, readNote, type SavedState } from './note.ts'
import { isStateOf, type StateFields } from './saved-state.ts'
import { type Event, isRestarting, pidOf, type State } from '../machine/state.ts'

/** How a service continues. */
export interface Adoption {
  readonly state: State
  readonly elapsedMs: number
  readonly facts: Partial<Facts> | undefined
  /** The process is running and was ready. */
  readonly isReady: boolean
  /** What was requested before the process existed. */
  readonly next: Event | undefined
  /** An end that was not handled yet. */
  readonly end: InheritedProcess['end']
}

const FIELDS: StateFields<State> = {
  stopped: { tries: 'number' },
  spawning: { tries: 'number' },
  aborting: { tries: 'number', signal: 'number' },
  starting: { tries: 'number', pid: 'number', startedAtMs: 'number' },
  running: { pid: 'number', startedAtMs: 'number' },
  backoff: { tries: 'number' },
  stopping: { tries: 'number', pid: 'number' },
  emptying: { tries: 'number', leader: 'number', status: 'object', told: 'boolean' },
  finishing: { from: 'object', exit: 'object' },
  exited: { restarting: 'boolean' },
  fatal: {},
  unknown: { pid: 'number' },
}

/** The state of a note; undefined when it is not a state of a service. */
function stateOf(saved: SavedState): State | undefined {
  if (!isStateOf(FIELDS, saved)) return undefined
  return saved.name !== 'finishing' || isStateOf(FIELDS, { ...saved.from }) ? saved : undefined
}

/** How the service of a slot continues; undefined when it begins anew. */
export function readSlot({ note, process }: InheritedSlot, clock: Clock): Adoption | undefined {
  const memory = readNote(note)
  const noted = memory && stateOf(memory.state)
  const { facts } = memory ?? {}
  const elapsedMs = memory === undefined ? 0 : Math.max(0, clock.wallMs() - memory.sinceMs)
  const isHeard = process?.end !== undefined && process.pid === facts?.endedPid
  const nothing = { next: undefined, end: undefined, isReady: false }
  if (noted?.name === 'finishing') {
    const isGoing = process !== undefined && process.end === undefined && process.pid !== facts?.endedPid
    const code = isHeard ? undefined : process?.end?.status.code
    const next: Event = { type: 'finished', code, atMs: clock.nowMs() }
    return { ...nothing, state: noted, elapsedMs, facts, next: isGoing ? undefined : next }
  }
  if (process === undefined || isHeard) {
    const next: Event | undefined =
      noted && noted.name !== 'emptying' && isRestarting(noted) ? { type: 'start' } : undefined
    return noted && { ...nothing, state: withoutProcess(noted), elapsedMs, facts, next }
  }
  const saved = noted ?? { name: 'spawning', tries: 0 }
  const state = withProcess(saved, process, clock.nowMs() - process.ageMs)
  const isNoted = pidOf(saved) === process.pid
  return {
    state,
    elapsedMs: state.name === 'starting' ? process.ageMs : elapsedMs,
    // The note has the exact time; the age is as old as the answer of the helper.
    facts: { ...facts, startedAtMs: isNoted && facts ? facts.startedAtMs : clock.wallMs() - process.ageMs },
    isReady: memory?.isReady === true && isNoted,
    next: asked(saved),
    end: process.end,
  }
}

/** The state has a process, but the slot has none: the process has ended and its exit status is lost. */
function withoutProcess(saved: State): State {
  if (saved.name === 'aborting') return { name: 'stopped', tries: saved.tries }
  return pidOf(saved) === 0 ? saved : { name: 'exited', restarting: false }
}

/** The note does not mention this process: it was started just before the previous daemon process ended. */
function withProcess(saved: State, { pid }: InheritedProcess, startedAtMs: number): State {
  const tries = 'tries' in saved ? saved.tries : 0
  if (pidOf(saved) !== pid) return { name: 'starting', tries, pid, startedAtMs }
  return saved.name === 'starting' || saved.name === 'running' ? { ...saved, startedAtMs } : saved
}

function asked(saved: State): Event | undefined {
  if (saved.name !== 'aborting') return undefined
  if (isRestarting(saved)) return { type: 'restart' }
  return { type: saved.signal === 9 ? 'kill' : 'stop' }
}
