// A service that outlived the brain that ran it: what its note (note.ts) says together with what the helper holds, and how
// the state machine goes on from there.

import type { HeldProcess, HeldSlot } from '../shim/shim.ts'
import type { Clock } from '../system/clock.ts'
import { type Facts, readNote, type SavedState } from './note.ts'
import { type Effect, type Event, type Policy, pidOf, RESTART_INTERVAL_MS, type State, type Step } from './state.ts'

/** How a service goes on. */
export interface Adoption {
  readonly state: State
  readonly elapsedMs: number
  readonly facts: Partial<Facts> | undefined
  /** The process is there and was ready. */
  readonly isReady: boolean
  /** What was asked for before the process was there. */
  readonly next: Event | undefined
  /** An end that nobody has heard of. */
  readonly end: HeldProcess['end']
}

/** What each state needs. */
const NUMBERS: Readonly<Record<State['name'], readonly string[]>> = {
  stopped: ['tries'],
  spawning: ['tries'],
  aborting: ['tries', 'signal'],
  starting: ['tries', 'pid'],
  running: ['pid'],
  backoff: ['tries'],
  stopping: ['tries', 'pid'],
  emptying: ['tries', 'leader'],
  finishing: [],
  exited: [],
  fatal: [],
  unknown: ['pid'],
}

/** The state that a note names; undefined when it is none of a service. */
function stateOf(saved: SavedState): State | undefined {
  const names = Object.entries(NUMBERS).find(([name]) => name === saved.name)?.[1]
  const hasNumbers = names?.every((name) => typeof saved[name] === 'number') ?? false
  const isWhole = hasNumbers && (saved.name !== 'finishing' || stateOf(Object(saved.from)) !== undefined)
  return isWhole ? (saved as unknown as State) : undefined
}

/** How the service of a slot goes on; undefined when it begins anew. */
export function readSlot({ note, process }: HeldSlot, clock: Clock): Adoption | undefined {
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
  if (process === undefined || isHeard) return noted && { ...nothing, state: withoutProcess(noted), elapsedMs, facts }
  const saved = noted ?? { name: 'spawning', tries: 0 }
  const state = withProcess(saved, process, clock.nowMs() - process.ageMs)
  return {
    state,
    elapsedMs: state.name === 'starting' ? process.ageMs : elapsedMs,
    facts: { ...facts, startedAtMs: clock.wallMs() - process.ageMs },
    isReady: memory?.isReady === true && pidOf(saved) === process.pid,
    next: asked(saved),
    end: process.end,
  }
}

/** A state that names a process which is gone without a status has not been left properly: nobody knows how it ended. */
function withoutProcess(saved: State): State {
  if (saved.name === 'aborting') return { name: 'stopped', tries: saved.tries }
  return pidOf(saved) === 0 ? saved : { name: 'exited', restarting: false }
}

/** A process that the state does not know was started at the very end of the brain before. */
function withProcess(saved: State, { pid }: HeldProcess, startedAtMs: number): State {
  const tries = 'tries' in saved ? saved.tries : 0
  if (pidOf(saved) !== pid) return { name: 'starting', tries, pid, startedAtMs }
  return saved.name === 'starting' || saved.name === 'running' ? { ...saved, startedAtMs } : saved
}

function asked(saved: State): Event | undefined {
  if (saved.name !== 'aborting') return undefined
  return { type: saved.signal === 9 ? 'kill' : 'stop' }
}

/** stopped → the state that the brain before left. Nothing has changed, so nothing is announced; timers run on. */
export function adopted(_from: State, event: Extract<Event, { type: 'adopted' }>, policy: Policy): Step {
  const { state, elapsedMs } = event
  const pid = pidOf(state)
  const line: Effect = { type: 'log', level: 'info', message: `re-adopted '${policy.name}' (pid ${pid})` }
  return [state, ...(pid === 0 ? [] : [line]), ...resumed(state, elapsedMs, policy)]
}

function resumed(state: State, elapsedMs: number, policy: Policy): Effect[] {
  const { startsecs, stopwaitsecs, timeout_kill, timeout_finish: finishLimit } = policy
  const rest = (secs: number): Effect => ({ type: 'timer', afterMs: Math.max(0, secs * 1000 - elapsedMs) })
  const byRule = 'restarts' in state && state.restarts ? state.restarts.afterMs / 1000 : undefined
  switch (state.name) {
    case 'spawning':
      return [{ type: 'spawn' }]
    case 'starting':
      return [rest(startsecs)]
    case 'backoff':
      return [rest(byRule ?? state.tries)]
    case 'stopping':
      return timeout_kill === 0 ? [] : [rest(timeout_kill ?? stopwaitsecs)]
    case 'finishing':
      return finishLimit > 0 ? [rest(finishLimit)] : []
    case 'emptying':
      return [{ type: 'await-group', group: state.leader }, rest(stopwaitsecs)]
    case 'exited':
      return state.restarting ? [rest(byRule ?? RESTART_INTERVAL_MS / 1000)] : []
    default:
      return []
  }
}
