// Takes over a oneshot of the previous daemon process, from its note (note.ts) and from the slot that the helper kept.
// A oneshot that is up or down stays so. A command that is running continues, and one that had not begun is run now.

import type { InheritedProcess, InheritedSlot } from '../../shim/shim.ts'
import type { Clock } from '../../system/clock.ts'
import { type Facts, readNote, type SavedState } from './note.ts'
import { isStateOf, type StateFields } from './saved-state.ts'
import { type OneshotEvent, oneshotPid, type OneshotState } from '../machine/oneshot-machine.ts'

/** How a oneshot continues. */
export interface OneshotAdoption {
  readonly state: OneshotState
  /** Time since it came into that state. */
  readonly elapsedMs: number
  readonly facts: Partial<Facts>
  /** What was requested before the process existed. */
  readonly next: OneshotEvent | undefined
  /** An end that was not handled yet. */
  readonly end: InheritedProcess['end']
}

/** How the oneshot of a slot continues; undefined when it begins anew. */
export function readOneshotSlot({ note, process }: InheritedSlot, clock: Clock): OneshotAdoption | undefined {
  const memory = readNote(note)
  const saved = memory && stateOf(memory.state)
  if (memory === undefined || saved === undefined) return undefined
  const { facts } = memory
  const elapsedMs = Math.max(0, clock.wallMs() - memory.sinceMs)
  const isHeard = process?.end !== undefined && process.pid === facts.endedPid
  if (process === undefined || isHeard)
    return { state: withoutProcess(saved), elapsedMs, facts, next: undefined, end: undefined }
  const startedAtMs = clock.wallMs() - process.ageMs
  const isUnwanted = saved.name === 'spawning' && saved.stopped
  return {
    state: withProcess(saved, process.pid),
    elapsedMs: saved.name === 'spawning' ? process.ageMs : elapsedMs,
    facts: { ...facts, startedAtMs },
    next: isUnwanted ? { type: 'stop' } : undefined,
    end: process.end,
  }
}

/** The process has ended and its exit status is lost: the command counts as failed. */
function withoutProcess(saved: OneshotState): OneshotState {
  if (saved.name === 'spawning') return saved.stopped ? { name: 'down', failure: '' } : saved
  if (oneshotPid(saved) === 0 || !('way' in saved)) return saved
  return saved.way === 'down' ? { name: 'up' } : { name: 'down', failure: 'up failed: its exit status is unknown' }
}

/** The note does not mention this process: it was started just before the previous daemon process ended. */
function withProcess(saved: OneshotState, pid: number): OneshotState {
  if (oneshotPid(saved) === pid) return saved
  return { name: 'running', way: 'way' in saved ? saved.way : 'up', pid }
}

const FIELDS: StateFields<OneshotState> = {
  down: { failure: 'string' },
  up: {},
  spawning: { way: 'string', stopped: 'boolean' },
  running: { way: 'string', pid: 'number' },
  ending: { way: 'string', pid: 'number', why: 'string' },
}

/** The state of a note; undefined when it is not a state of a oneshot. */
function stateOf(saved: SavedState): OneshotState | undefined {
  return isStateOf(FIELDS, saved) ? saved : undefined
}
