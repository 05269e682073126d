// A oneshot that outlived the brain that ran it: what its note (note.ts) says together with what the helper holds. One
// that is up or down stays so; a command that runs goes on, and one that had not begun is run now.

import type { HeldProcess, HeldSlot } from '../shim/shim.ts'
import type { Clock } from '../system/clock.ts'
import { type Facts, readNote, type SavedState } from './note.ts'
import { type OneshotEvent, oneshotPid, type OneshotState } from './oneshot-machine.ts'

/** How a oneshot goes on. */
export interface OneshotAdoption {
  readonly state: OneshotState
  /** Since it came into that state. */
  readonly elapsedMs: number
  readonly facts: Partial<Facts>
  /** What was asked for before the process was there. */
  readonly next: OneshotEvent | undefined
  /** An end that nobody has heard of. */
  readonly end: HeldProcess['end']
}

/** How the oneshot of a slot goes on; undefined when it begins anew. */
export function readOneshotSlot({ note, process }: HeldSlot, clock: Clock): OneshotAdoption | undefined {
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

/** A command that is gone without a status has not done its work as far as anybody knows. */
function withoutProcess(saved: OneshotState): OneshotState {
  if (saved.name === 'spawning') return saved.stopped ? { name: 'down', failure: '' } : saved
  if (oneshotPid(saved) === 0 || !('way' in saved)) return saved
  return saved.way === 'down' ? { name: 'up' } : { name: 'down', failure: 'up failed: nobody knows how it ended' }
}

/** A process that the state does not know was started at the very end of the brain before. */
function withProcess(saved: OneshotState, pid: number): OneshotState {
  if (oneshotPid(saved) === pid) return saved
  return { name: 'running', way: 'way' in saved ? saved.way : 'up', pid }
}

/** What each state needs. */
const KINDS: Readonly<Record<OneshotState['name'], Readonly<Record<string, string>>>> = {
  down: { failure: 'string' },
  up: {},
  spawning: { way: 'string', stopped: 'boolean' },
  running: { way: 'string', pid: 'number' },
  ending: { way: 'string', pid: 'number', why: 'string' },
}

/** The state that a note names; undefined when it is none of a oneshot. */
function stateOf(saved: SavedState): OneshotState | undefined {
  const kinds = Object.entries(KINDS).find(([name]) => name === saved.name)?.[1]
  const isWhole = kinds !== undefined && Object.entries(kinds).every(([key, kind]) => typeof saved[key] === kind)
  return isWhole ? (saved as unknown as OneshotState) : undefined
}
