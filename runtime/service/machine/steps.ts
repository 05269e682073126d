// The steps on the way up, and at an exit without a request. The texts of log lines and of spawnerr are supervisord's.
// Source: supervisor 4.2.5, Subprocess.transition, spawn, finish, give_up.

import type { ExitStatus } from '../../shim/shim.ts'
import { describeExit, exitNumber } from './exit-status.ts'
import { announce, counted, log } from './effects.ts'
import { backedOff, type LivedEnd, restartedByRule } from './retry-steps.ts'
import {
  type Counted,
  type Effect,
  type Event,
  type Policy,
  pidOf,
  publicState,
  RESTART_INTERVAL_MS,
  type State,
  type Step,
} from './state.ts'

type With<Tag extends State['name']> = Extract<State, { readonly name: Tag }>
type Exited = Extract<Event, { readonly type: 'exited' }>
type Spawned = Extract<Event, { readonly type: 'spawned' }>

/** Goes to another state, with an event about it. */
export function settled(
  from: State,
  to: State,
  details: { tries?: number; expected?: boolean; pid?: number } = {},
): Step {
  return [to, announce(publicState(from), publicState(to), { pid: pidOf(to), ...details })]
}

/** Any state without a process → spawning. The counter of tries is kept, also when a stop came while it waited. */
export function began(state: State): Step {
  const tries = 'tries' in state ? state.tries : 0
  return [...settled(state, { name: 'spawning', tries, ...counted(state) }, { tries }), { type: 'spawn' }]
}

/** spawning → starting, or → running at once when startsecs is 0. */
export function started(spawning: With<'spawning'>, { pid, atMs }: Spawned, policy: Policy): Step {
  const { tries } = spawning
  const state: With<'starting'> = { name: 'starting', tries, pid, startedAtMs: atMs, ...counted(spawning) }
  const line = log('info', `spawned: '${policy.name}' with pid ${pid}`)
  if (policy.startsecs > 0) return [state, line, { type: 'timer', afterMs: policy.startsecs * 1000 }]
  const [running, ...effects] = promoted(state, { type: 'timer' }, policy)
  return [running, line, ...effects]
}

/** starting → running: it has been up for startsecs. */
export function promoted(state: With<'starting'>, _event: Event, { name, startsecs }: Policy): Step {
  const running = toRunning(state)
  const message = `success: ${name} entered RUNNING state, process has stayed up for > than ${startsecs} seconds (startsecs)`
  return [...settled(state, running), log('info', message)]
}

/** spawning → backoff or fatal: no process could be started. */
export function failedStart(
  state: With<'spawning'>,
  event: Extract<Event, { type: 'spawn-failed' }>,
  policy: Policy,
): Step {
  const { atMs, exitCode } = event
  const [next, ...effects] = backedOff(state, { atMs, livedMs: undefined, exitCode }, policy)
  const line = log('info', `spawnerr: ${event.message}`)
  return [next, { type: 'spawn-error', message: event.message }, line, ...effects]
}

/** starting → backoff or fatal when it ended before startsecs, whatever its exit code; else as from running. */
export function exitedTooSoonOrNot(state: With<'starting'>, event: Exited, policy: Policy): Step {
  if (event.atMs - state.startedAtMs >= policy.startsecs * 1000) {
    const [next, ...effects] = exitedByItself(toRunning(state), event, policy)
    return [next, announce('starting', 'running', { pid: state.pid }), ...effects]
  }
  const end = { ...event, livedMs: event.atMs - state.startedAtMs }
  const [next, ...effects] = backedOff(state, end, policy)
  return [
    next,
    { type: 'exit-status', number: 0 },
    { type: 'spawn-error', message: 'Exited too quickly (process log may have details)' },
    log('warn', `exited: ${policy.name} (${describeExit(event.status)}; not expected)`),
    ...endEffects(event.status, policy),
    ...effects,
  ]
}

/** running → exited; then the next start, when autorestart says so. */
export function exitedByItself(state: With<'running' | 'unknown'>, event: Exited, policy: Policy): Step {
  const { status, atMs } = event
  const expected = isExpected(status, policy)
  const effects = [
    ...exitEffects(status, expected, policy.name),
    announce(publicState(state), 'exited', { pid: state.pid, expected }),
    ...endEffects(status, policy),
  ]
  if (state.name === 'unknown') return [{ name: 'exited', restarting: false }, ...effects]
  const end = { ...event, livedMs: atMs - state.startedAtMs }
  const [next, ...more] = restartedOrNot(state, end, expected, policy)
  return [next, ...effects, ...finalEffects(next, status, policy), ...more]
}

/** For a program whose last exit ends the daemon. */
function finalEffects(next: State, status: ExitStatus, policy: Policy): Effect[] {
  const isOver = next.name === 'fatal' || (next.name === 'exited' && !next.restarting)
  return isOver && policy.on_exit === 'shutdown_if_final' ? endDaemon(status, policy) : []
}

/** An end without a request, announced already → the next start, now or later; exited; or fatal. */
export function restartedOrNot(counts: Counted, end: LivedEnd, expected: boolean, policy: Policy): Step {
  const next = { name: 'exited', restarting: false } as const
  if (!wantsRestart(expected, policy)) return [next]
  if (policy.restart !== undefined) return restartedByRule(counts, end, policy.restart, policy)
  const afterMs = RESTART_INTERVAL_MS - end.livedMs
  return afterMs > 0
    ? [
        { ...next, restarting: true },
        { type: 'timer', afterMs },
      ]
    : began(next)
}

function toRunning(state: With<'starting'>): With<'running'> {
  return { name: 'running', pid: state.pid, startedAtMs: state.startedAtMs, ...counted(state) }
}

function exitEffects(status: ExitStatus, expected: boolean, name: string): Effect[] {
  const number = exitNumber(status)
  const effects: Effect[] = [{ type: 'exit-status', number }]
  if (!expected) effects.push({ type: 'spawn-error', message: `Bad exit code ${number}` })
  const message = `exited: ${name} (${describeExit(status)}; ${expected ? 'expected' : 'not expected'})`
  return [...effects, log(expected ? 'info' : 'warn', message)]
}

/** Whether the exit code is one of the expected ones. */
export function isExpected(status: ExitStatus, { exitcodes }: Policy): boolean {
  return exitcodes.includes(exitNumber(status))
}

/**
 * For a program whose exit ends the daemon: the daemon's exit code is that of the program, or a number for the signal.
 */
function endEffects(status: ExitStatus, policy: Policy): Effect[] {
  return policy.on_exit === 'shutdown' ? endDaemon(status, policy) : []
}

function endDaemon(status: ExitStatus, { exit_code: code, exit_signal_base: base }: Policy): Effect[] {
  const own = status.signal === undefined ? (status.code ?? 0) : base + status.signal
  return [{ type: 'end-daemon', code: code ?? own, reason: `has ended (${describeExit(status)})` }]
}

function wantsRestart(expected: boolean, { automatic, autorestart, on_exit: onExit }: Policy): boolean {
  if (onExit === 'shutdown') return false
  return automatic && (autorestart === 'true' || (autorestart === 'unexpected' && !expected))
}
