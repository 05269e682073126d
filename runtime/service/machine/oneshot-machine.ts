// The state machine of a oneshot: down, up, and its commands in between. It is a table of states and events, as that of
// a service (machine.ts); the tests draw it as oneshot-machine.matrix.txt. When `up` fails, the oneshot is down; when
// `down` fails, it is up. Source: s6-rc 0.7, s6-rc change.

import type { Oneshot } from '../../../config/settings/config.ts'
import type { StateName } from '../../events/event.ts'
import type { ExitStatus } from '../../shim/shim.ts'
import { describeExit, exitNumber } from './exit-status.ts'
import type { Effect as ServiceEffect } from './state.ts'

/** One of its two commands. */
export type Way = 'up' | 'down'

/** The oneshot is being restarted: `up` is run when it is down. A stop or a kill meanwhile cancels that. */
interface Restarting {
  readonly thenStart?: boolean | undefined
}

/** The state of a oneshot. */
export type OneshotState =
  /** `failure`: why it did not come up. */
  | { readonly name: 'down'; readonly failure: string }
  | { readonly name: 'up' }
  /** The helper was asked to start the command. `stopped`: a stop was requested meanwhile. */
  | ({ readonly name: 'spawning'; readonly way: Way; readonly stopped: boolean } & Restarting)
  /** The command is running. */
  | ({ readonly name: 'running'; readonly way: Way; readonly pid: number } & Restarting)
  /** The command got its stop signal, because it took too long or because of a stop. */
  | ({
      readonly name: 'ending'
      readonly way: Way
      readonly pid: number
      readonly why: 'timeout' | 'stop'
    } & Restarting)

/** The events of a oneshot. */
export type OneshotEvent =
  | { readonly type: 'start' }
  | { readonly type: 'stop' }
  /** Stops it if it is up, then starts it. Both parts are carried out also if the client goes away. */
  | { readonly type: 'restart' }
  /** SIGKILL now; no more commands are run. */
  | { readonly type: 'kill' }
  | { readonly type: 'spawned'; readonly pid: number }
  | { readonly type: 'spawn-failed'; readonly message: string }
  | { readonly type: 'exited'; readonly status: ExitStatus }
  | { readonly type: 'timer' }
  /** The previous daemon process left it in this state, `elapsedMs` ago. Only the first event can be of this type. */
  | { readonly type: 'adopted'; readonly state: OneshotState; readonly elapsedMs: number }

/** What is to be done. A timer is cancelled when its state is left. */
export type OneshotEffect =
  | Exclude<
      ServiceEffect,
      { type: 'spawn' | 'await-group' | 'end-daemon' | 'finish' | 'end-finish' | 'stop-command' | 'end-input' }
    >
  | { readonly type: 'run'; readonly way: Way }

/** The settings that the machine uses. */
export interface OneshotPolicy {
  readonly name: string
  /** Which of the commands exist. */
  readonly has: Readonly<Record<Way, boolean>>
  /** 0 = no limit. */
  readonly timeoutSecs: Readonly<Record<Way, number>>
  readonly stopsignal: number
  readonly stopwaitsecs: number
  /** False after kill(): no command is started any more. */
  readonly automatic: boolean
}

/** The policy for the settings of a oneshot. */
export function oneshotPolicy({ up, down, timeout_up, timeout_down }: Oneshot, automatic: boolean): OneshotPolicy {
  const { name, stopsignal, stopwaitsecs } = up
  const has = { up: up.command !== '', down: down !== undefined && down.command !== '' }
  return { name, has, timeoutSecs: { up: timeout_up, down: timeout_down }, stopsignal, stopwaitsecs, automatic }
}

/** The new state and the effects. */
export type OneshotStep = readonly [OneshotState, ...OneshotEffect[]]

type Tag = OneshotState['name']
type StateOf<T extends Tag> = Extract<OneshotState, { readonly name: T }>
type EventOf<T extends OneshotEvent['type']> = Extract<OneshotEvent, { readonly type: T }>

/** The step for an event in a state. */
export interface OneshotCell<T extends Tag, E extends OneshotEvent['type']> {
  /** All states that may follow. */
  readonly to: readonly Tag[]
  step(state: StateOf<T>, event: EventOf<E>, policy: OneshotPolicy): OneshotStep
}

/** The whole table. */
export type OneshotMachine = {
  readonly [T in Tag]: { readonly [E in OneshotEvent['type']]?: OneshotCell<T, E> }
}

/** SIGKILL is repeated after this time at the earliest. */
const KILL_INTERVAL_MS = 1000
const SIGKILL = 9

/** The table: for each state, a cell for each event. */
export const ONESHOT_MACHINE: OneshotMachine = {
  down: {
    start: { to: ['spawning', 'up'], step: (state, _, policy) => begin(state, 'up', policy) },
    restart: { to: ['spawning', 'up'], step: (state, _, policy) => begin(state, 'up', policy) },
    adopted: { to: ['down', 'up', 'spawning', 'running', 'ending'], step: adopted },
  },
  up: {
    stop: { to: ['spawning', 'down'], step: (state, _, policy) => begin(state, 'down', policy) },
    restart: {
      to: ['spawning', 'up', 'down'],
      step: (state, _, policy) => startedNext(begin(state, 'down', policy), true, policy),
    },
    kill: { to: ['down'], step: (state) => moved(state, { name: 'down', failure: '' }) },
  },
  spawning: {
    stop: { to: ['spawning'], step: (state) => [{ ...withoutStart(state), stopped: state.way === 'up' }] },
    restart: { to: ['spawning'], step: (state) => [{ ...state, stopped: state.way === 'up', thenStart: true }] },
    kill: { to: ['spawning'], step: (state) => [{ ...withoutStart(state), stopped: true }] },
    spawned: { to: ['running', 'ending'], step: began },
    'spawn-failed': {
      to: ['down', 'up', 'spawning'],
      step: (state, { message }, policy) => startedNext(failed(state, message, policy), state.thenStart, policy),
    },
  },
  running: {
    stop: {
      to: ['running', 'ending'],
      step: (state, _, policy) => (state.way === 'up' ? ended(state, 'stop', policy) : [withoutStart(state)]),
    },
    restart: {
      to: ['running', 'ending'],
      step: (state, _, policy) => {
        const asked = { ...state, thenStart: true }
        return state.way === 'up' ? ended(asked, 'stop', policy) : [asked]
      },
    },
    kill: {
      to: ['ending'],
      step: (state, _, policy) => killed({ ...withoutStart(state), name: 'ending', why: 'stop' }, policy),
    },
    timer: { to: ['ending'], step: (state, _, policy) => ended(state, 'timeout', policy) },
    exited: { to: ['up', 'down', 'spawning'], step: done },
  },
  ending: {
    stop: { to: ['ending'], step: (state) => [withoutStart(state)] },
    restart: { to: ['ending'], step: (state) => [{ ...state, thenStart: true }] },
    kill: { to: ['ending'], step: (state, _, policy) => killed(withoutStart(state), policy) },
    timer: { to: ['ending'], step: (state, _, policy) => killed(state, policy) },
    exited: { to: ['up', 'down', 'spawning'], step: done },
  },
}

/** The step after an event. An event without a cell changes nothing. */
export function stepOneshot(state: OneshotState, event: OneshotEvent, policy: OneshotPolicy): OneshotStep {
  const cell = ONESHOT_MACHINE[state.name][event.type] as OneshotCell<Tag, OneshotEvent['type']> | undefined
  return cell === undefined ? [state] : cell.step(state, event, policy)
}

/** The state as clients see it. A oneshot that is up is shown as EXITED: its process has done its work. */
export function shownState(state: OneshotState): StateName {
  if (state.name === 'up') return 'exited'
  if (state.name === 'down') return state.failure === '' ? 'stopped' : 'fatal'
  return state.way === 'up' ? 'starting' : 'stopping'
}

/** Whether `up` was requested or is running, and was not stopped. */
export function isComingUp(state: OneshotState): boolean {
  return (state.name === 'running' || (state.name === 'spawning' && !state.stopped)) && state.way === 'up'
}

/** Whether it is being restarted and is not down yet. */
export function isOneshotRestarting(state: OneshotState): boolean {
  return 'thenStart' in state && state.thenStart === true
}

/** The pid of its command; 0 when none is running. */
export function oneshotPid(state: OneshotState): number {
  return 'pid' in state ? state.pid : 0
}

/** Starts a command. Without a command the new state is reached at once. */
function begin(state: OneshotState, way: Way, { has, automatic, name }: OneshotPolicy): OneshotStep {
  if (has[way] && automatic) return [...moved(state, { name: 'spawning', way, stopped: false }), { type: 'run', way }]
  const next = way === 'up' ? ({ name: 'up' } as const) : ({ name: 'down', failure: '' } as const)
  return [...moved(state, next), log('info', `${way}: ${name} (it has no command for that)`)]
}

function began(state: StateOf<'spawning'>, { pid }: EventOf<'spawned'>, policy: OneshotPolicy): OneshotStep {
  const { way, thenStart = false } = state
  const running = { name: 'running', way, pid, ...(thenStart ? { thenStart } : {}) } as const
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

/** down → the state of the note. The state has not changed, so there is no event; timers continue. */
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
  return [{ ...state, name: 'ending', why }, ...(why === 'timeout' ? [late] : []), ...told, timer]
}

function killed(state: StateOf<'ending'>, { name, stopwaitsecs }: OneshotPolicy): OneshotStep {
  return [
    state,
    log('warn', `killing '${name}' (${state.pid}) with SIGKILL`),
    { type: 'signal', pid: state.pid, signal: SIGKILL, target: 'group' },
    { type: 'timer', afterMs: Math.max(stopwaitsecs * 1000, KILL_INTERVAL_MS) },
  ]
}

function done(state: StateOf<'running' | 'ending'>, event: EventOf<'exited'>, policy: OneshotPolicy): OneshotStep {
  return startedNext(over(state, event, policy), state.thenStart, policy)
}

function over(state: StateOf<'running' | 'ending'>, { status }: EventOf<'exited'>, policy: OneshotPolicy): OneshotStep {
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

/** For a oneshot that is down or about to be: starts it again. If `down` has still to be run, that comes first. */
function startedNext(
  [state, ...effects]: OneshotStep,
  thenStart: boolean | undefined,
  policy: OneshotPolicy,
): OneshotStep {
  if (thenStart !== true || !policy.automatic) return [state, ...effects]
  if (state.name !== 'down') return [state.name === 'up' ? state : { ...state, thenStart }, ...effects]
  const [next, ...more] = begin(state, 'up', policy)
  return [next, ...effects, ...more]
}

function withoutStart<Any extends OneshotState>(state: Any): Any {
  return isOneshotRestarting(state) ? { ...state, thenStart: false } : state
}

/** It was stopped before it was up, or killed while `down` was running. */
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
