// The state machine of a oneshot: down, up, and its commands in between. A table by state, then event, as that of a
// service (machine.ts); the tests draw it as oneshot-machine.matrix.txt. A failed `up` leaves it down, a failed `down`
// leaves it up. Source: s6-rc 0.7, s6-rc change.

import type { Oneshot } from '../../config/config.ts'
import type { StateName } from '../events/event.ts'
import type { ExitStatus } from '../shim/shim.ts'
import { describeExit, exitNumber } from './exit-status.ts'
import type { Effect as ServiceEffect } from './state.ts'

/** Which of its two commands. */
export type Way = 'up' | 'down'

/** Where a oneshot is. */
export type OneshotState =
  /** `failure`: why it did not come up. */
  | { readonly name: 'down'; readonly failure: string }
  | { readonly name: 'up' }
  /** The command is asked of the shim. `stopped`: and nobody wants it any more. */
  | { readonly name: 'spawning'; readonly way: Way; readonly stopped: boolean }
  /** The command runs. */
  | { readonly name: 'running'; readonly way: Way; readonly pid: number }
  /** It has been told to end, because it took too long, or because nobody wants it up. */
  | { readonly name: 'ending'; readonly way: Way; readonly pid: number; readonly why: 'timeout' | 'stop' }

/** What can happen to it. */
export type OneshotEvent =
  | { readonly type: 'start' }
  | { readonly type: 'stop' }
  /** SIGKILL now, and no more commands. */
  | { readonly type: 'kill' }
  | { readonly type: 'spawned'; readonly pid: number }
  | { readonly type: 'spawn-failed'; readonly message: string }
  | { readonly type: 'exited'; readonly status: ExitStatus }
  | { readonly type: 'timer' }
  /** The brain before left it in this state, so long ago. Only a oneshot that has done nothing yet hears this. */
  | { readonly type: 'adopted'; readonly state: OneshotState; readonly elapsedMs: number }

/** What is to be done; a timer ends when the state is left. */
export type OneshotEffect =
  | Exclude<
      ServiceEffect,
      { type: 'spawn' | 'await-group' | 'end-daemon' | 'finish' | 'end-finish' | 'stop-command' | 'end-input' }
    >
  | { readonly type: 'run'; readonly way: Way }

/** The rules of one oneshot. */
export interface OneshotPolicy {
  readonly name: string
  /** Which commands there are. */
  readonly has: Readonly<Record<Way, boolean>>
  /** 0 = for ever. */
  readonly timeoutSecs: Readonly<Record<Way, number>>
  readonly stopsignal: number
  readonly stopwaitsecs: number
  /** False after kill(): nothing is run any more. */
  readonly automatic: boolean
}

/** The rules that its settings make. */
export function oneshotPolicy({ up, down, timeout_up, timeout_down }: Oneshot, automatic: boolean): OneshotPolicy {
  const { name, stopsignal, stopwaitsecs } = up
  const has = { up: up.command !== '', down: down !== undefined && down.command !== '' }
  return { name, has, timeoutSecs: { up: timeout_up, down: timeout_down }, stopsignal, stopwaitsecs, automatic }
}

/** The new state and what to do. */
export type OneshotStep = readonly [OneshotState, ...OneshotEffect[]]

type Tag = OneshotState['name']
type StateOf<T extends Tag> = Extract<OneshotState, { readonly name: T }>
type EventOf<T extends OneshotEvent['type']> = Extract<OneshotEvent, { readonly type: T }>

/** What happens in a state at an event. */
export interface OneshotCell<T extends Tag, E extends OneshotEvent['type']> {
  /** Every state that may follow. */
  readonly to: readonly Tag[]
  step(state: StateOf<T>, event: EventOf<E>, policy: OneshotPolicy): OneshotStep
}

/** The whole table. */
export type OneshotMachine = {
  readonly [T in Tag]: { readonly [E in OneshotEvent['type']]?: OneshotCell<T, E> }
}

/** SIGKILL is repeated no more often than this. */
const KILL_INTERVAL_MS = 1000
const SIGKILL = 9

/** State by state, event by event. */
export const ONESHOT_MACHINE: OneshotMachine = {
  down: {
    start: { to: ['spawning', 'up'], step: (state, _, policy) => begin(state, 'up', policy) },
    adopted: { to: ['down', 'up', 'spawning', 'running', 'ending'], step: adopted },
  },
  up: {
    stop: { to: ['spawning', 'down'], step: (state, _, policy) => begin(state, 'down', policy) },
    kill: { to: ['down'], step: (state) => moved(state, { name: 'down', failure: '' }) },
  },
  spawning: {
    stop: { to: ['spawning'], step: (state) => [{ ...state, stopped: state.way === 'up' }] },
    kill: { to: ['spawning'], step: (state) => [{ ...state, stopped: true }] },
    spawned: { to: ['running', 'ending'], step: began },
    'spawn-failed': { to: ['down', 'up'], step: (state, { message }, policy) => failed(state, message, policy) },
  },
  running: {
    stop: {
      to: ['running', 'ending'],
      step: (state, _, policy) => (state.way === 'up' ? ended(state, 'stop', policy) : [state]),
    },
    kill: { to: ['ending'], step: (state, _, policy) => killed({ ...state, name: 'ending', why: 'stop' }, policy) },
    timer: { to: ['ending'], step: (state, _, policy) => ended(state, 'timeout', policy) },
    exited: { to: ['up', 'down'], step: done },
  },
  ending: {
    kill: { to: ['ending'], step: (state, _, policy) => killed(state, policy) },
    timer: { to: ['ending'], step: (state, _, policy) => killed(state, policy) },
    exited: { to: ['up', 'down', 'spawning'], step: done },
  },
}

/** What follows an event. An event that the state does not know changes nothing. */
export function stepOneshot(state: OneshotState, event: OneshotEvent, policy: OneshotPolicy): OneshotStep {
  const cell = ONESHOT_MACHINE[state.name][event.type] as OneshotCell<Tag, OneshotEvent['type']> | undefined
  return cell === undefined ? [state] : cell.step(state, event, policy)
}

/** A oneshot that is up shows as EXITED: its process has done its work. */
export function shownState(state: OneshotState): StateName {
  if (state.name === 'up') return 'exited'
  if (state.name === 'down') return state.failure === '' ? 'stopped' : 'fatal'
  return state.way === 'up' ? 'starting' : 'stopping'
}

/** The pid of its command, 0 without one. */
export function oneshotPid(state: OneshotState): number {
  return 'pid' in state ? state.pid : 0
}

/** Runs a command, or is there at once where there is none. */
function begin(state: OneshotState, way: Way, { has, automatic, name }: OneshotPolicy): OneshotStep {
  if (has[way] && automatic) return [...moved(state, { name: 'spawning', way, stopped: false }), { type: 'run', way }]
  const next = way === 'up' ? ({ name: 'up' } as const) : ({ name: 'down', failure: '' } as const)
  return [...moved(state, next), log('info', `${way}: ${name} (it has no command for that)`)]
}

function began(state: StateOf<'spawning'>, { pid }: EventOf<'spawned'>, policy: OneshotPolicy): OneshotStep {
  const { way } = state
  const running = { name: 'running', way, pid } as const
  const line = log('info', `spawned: '${policy.name}' ${way} with pid ${pid}`)
  if (state.stopped) {
    const [next, ...effects] = policy.automatic
      ? ended(running, 'stop', policy)
      : killed({ ...running, name: 'ending', why: 'stop' }, policy)
    return [next, line, ...effects]
  }
  const limit = policy.timeoutSecs[way]
  return limit === 0 ? [running, line] : [running, line, { type: 'timer', afterMs: limit * 1000 }]
}

/** down → the state that the brain before left. Nothing has changed, so nothing is announced; timers run on. */
function adopted(_from: OneshotState, { state, elapsedMs }: EventOf<'adopted'>, policy: OneshotPolicy): OneshotStep {
  const { name, timeoutSecs, stopwaitsecs } = policy
  if (state.name === 'spawning') return [state, { type: 'run', way: state.way }]
  if (state.name !== 'running' && state.name !== 'ending') return [state]
  const line = log('info', `re-adopted '${name}' (${state.way}, pid ${state.pid})`)
  const limit = state.name === 'ending' ? stopwaitsecs : timeoutSecs[state.way]
  if (state.name === 'running' && limit === 0) return [state, line]
  return [state, line, { type: 'timer', afterMs: Math.max(0, limit * 1000 - elapsedMs) }]
}

function ended(state: StateOf<'running'>, why: 'timeout' | 'stop', policy: OneshotPolicy): OneshotStep {
  const { way, pid } = state
  const { name, timeoutSecs, stopsignal, stopwaitsecs } = policy
  const late = log('warn', `${way} of ${name} takes longer than ${timeoutSecs[way]} seconds (timeout_${way})`)
  const told = stopsignal === 0 ? [] : [{ type: 'signal', pid, signal: stopsignal, target: 'group' } as const]
  const timer = { type: 'timer', afterMs: stopwaitsecs * 1000 } as const
  return [{ name: 'ending', way, pid, why }, ...(why === 'timeout' ? [late] : []), ...told, timer]
}

function killed(state: StateOf<'ending'>, { name, stopwaitsecs }: OneshotPolicy): OneshotStep {
  return [
    state,
    log('warn', `killing '${name}' (${state.pid}) with SIGKILL`),
    { type: 'signal', pid: state.pid, signal: SIGKILL, target: 'group' },
    { type: 'timer', afterMs: Math.max(stopwaitsecs * 1000, KILL_INTERVAL_MS) },
  ]
}

function done(state: StateOf<'running' | 'ending'>, { status }: EventOf<'exited'>, policy: OneshotPolicy): OneshotStep {
  const { way } = state
  const number: OneshotEffect = { type: 'exit-status', number: exitNumber(status) }
  const why = state.name === 'ending' ? state.why : undefined
  if (status.code !== 0 || why === 'timeout') {
    const reason = why === 'timeout' ? `took longer than ${policy.timeoutSecs[way]} seconds` : describeExit(status)
    const [next, ...effects] = why === 'stop' ? unwanted(state) : failed(state, reason, policy)
    return [next, number, ...effects]
  }
  const line = log('info', `${way}: ${policy.name} (${describeExit(status)})`)
  if (way === 'down') return [...moved(state, { name: 'down', failure: '' }), number, line]
  const [up, ...effects] = moved(state, { name: 'up' })
  if (why !== 'stop') return [up, number, line, ...effects]
  const [next, ...more] = begin(up, 'down', policy)
  return [next, number, line, ...effects, ...more]
}

/** It was stopped before it was up, or killed while it was taken down. */
function unwanted(state: OneshotState): OneshotStep {
  return moved(state, { name: 'down', failure: '' })
}

function failed(
  state: StateOf<'spawning' | 'running' | 'ending'>,
  reason: string,
  { name }: OneshotPolicy,
): OneshotStep {
  const { way } = state
  const failure = `${way} failed: ${reason}`
  const next: OneshotState = way === 'up' ? { name: 'down', failure } : { name: 'up' }
  return [...moved(state, next), { type: 'spawn-error', message: failure }, log('error', `${name}: ${failure}`)]
}

function moved(from: OneshotState, to: OneshotState): OneshotStep {
  const [before, after] = [shownState(from), shownState(to)]
  if (before === after) return [to]
  const expected = after === 'exited'
  return [to, { type: 'announce', from: before, to: after, pid: oneshotPid(from), tries: 0, expected }]
}

function log(level: Extract<OneshotEffect, { type: 'log' }>['level'], message: string): OneshotEffect {
  return { type: 'log', level, message }
}
