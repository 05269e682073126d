// The steps of the state machine: what each of its cells does. Texts of log lines and of spawnerr are
// supervisord's. Source: supervisor 4.2.5, Subprocess.transition, spawn, kill, finish, give_up.

import type { ExitStatus } from '../shim/shim.ts'
import { SIGCONT, SIGKILL, signalName } from '../system/signals.ts'
import { describeExit, exitNumber } from './exit-status.ts'
import { announce, counted, log } from './effects.ts'
import { backedOff, givenUp, restartedByRule } from './retry-steps.ts'
import {
  type Effect,
  type Event,
  type Policy,
  pidOf,
  publicState,
  RESTART_INTERVAL_MS,
  type State,
  type Step,
} from './state.ts'

/** SIGKILL is repeated no more often than this, however short stopwaitsecs is. */
const KILL_INTERVAL_MS = 1000

type With<Tag extends State['name']> = Extract<State, { readonly name: Tag }>
type Exited = Extract<Event, { readonly type: 'exited' }>
type Spawned = Extract<Event, { readonly type: 'spawned' }>

/** To another state, telling it. */
export function settled(
  from: State,
  to: State,
  details: { tries?: number; expected?: boolean; pid?: number } = {},
): Step {
  return [to, announce(publicState(from), publicState(to), { pid: pidOf(to), ...details })]
}

/** Any state without a process → spawning. The counter of tries is kept, also from a stop while it waited. */
export function began(state: State): Step {
  const tries = 'tries' in state ? state.tries : 0
  return [...settled(state, { name: 'spawning', tries, ...counted(state) }, { tries }), { type: 'spawn' }]
}

/** spawning → starting, or running at once when startsecs asks for nothing. */
export function started(spawning: With<'spawning'>, { pid, atMs }: Spawned, policy: Policy): Step {
  const { tries } = spawning
  const state: With<'starting'> = { name: 'starting', tries, pid, startedAtMs: atMs, ...counted(spawning) }
  const line = log('info', `spawned: '${policy.name}' with pid ${pid}`)
  if (policy.startsecs > 0) return [state, line, { type: 'timer', afterMs: policy.startsecs * 1000 }]
  const [running, ...effects] = promoted(state, { type: 'timer' }, policy)
  return [running, line, ...effects]
}

/** aborting → stopping: the process exists now and is stopped as was asked. */
export function spawnedUnwanted(
  { tries, signal, failure }: With<'aborting'>,
  { pid, atMs }: Spawned,
  policy: Policy,
): Step {
  const state: State = { name: 'starting', tries, pid, startedAtMs: atMs }
  const [next, ...effects] =
    signal === SIGKILL ? killed(state, { type: 'kill' }, policy) : stopOf(state, { type: 'stop' }, policy)
  const stopping = next.name === 'stopping' && failure !== undefined ? { ...next, failure } : next
  return [stopping, log('info', `spawned: '${policy.name}' with pid ${pid}`), ...effects]
}

/** starting → running: it has been up for startsecs. */
export function promoted(state: With<'starting'>, _event: Event, { name, startsecs }: Policy): Step {
  const running = toRunning(state)
  const message = `success: ${name} entered RUNNING state, process has stayed up for > than ${startsecs} seconds (startsecs)`
  return [...settled(state, running), log('info', message)]
}

/** spawning → backoff or fatal: there is no process at all. */
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

/** starting → backoff or fatal when it ended before startsecs, whatever its exit code; else as if it had been running. */
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

/** running → exited, and on to the next start when autorestart says so. */
export function exitedByItself(state: With<'running' | 'unknown'>, event: Exited, policy: Policy): Step {
  const { status, atMs } = event
  const expected = isExpected(status, policy)
  const next = { name: 'exited', restarting: false } as const
  const effects = [
    ...exitEffects(status, expected, policy.name),
    announce(publicState(state), 'exited', { pid: state.pid, expected }),
    ...endEffects(status, policy),
  ]
  if (state.name === 'unknown' || !wantsRestart(expected, policy)) return [next, ...effects]
  const livedMs = atMs - state.startedAtMs
  if (policy.restart !== undefined) {
    const [after, ...more] = restartedByRule(state, { ...event, livedMs }, policy.restart, policy)
    return [after, ...effects, ...more]
  }
  const afterMs = RESTART_INTERVAL_MS - livedMs
  if (afterMs > 0) return [{ ...next, restarting: true }, ...effects, { type: 'timer', afterMs }]
  const [spawning, ...more] = began(next)
  return [spawning, ...effects, ...more]
}

/** starting, running → stopping with the stop signal. */
export function stopOf(state: With<'starting' | 'running'>, _event: Event, policy: Policy): Step {
  return [...toStopping(state), ...stopEffects(state.pid, policy), ...overdue(policy, 0)]
}

/** stopping: the command that was to stop it has not done so. */
export function stoppedBySignal(
  state: With<'stopping'>,
  { message }: Extract<Event, { type: 'stop-command-failed' }>,
  policy: Policy,
): Step {
  const line = log('warn', `stop_command of ${policy.name} failed: ${message}; sending the stop signal`)
  return [state, line, ...stopEffects(state.pid, { ...policy, stop_command: undefined })]
}

/** starting, running, stopping → stopping with SIGKILL; repeated until the process is gone. */
export function killed(state: With<'starting' | 'running' | 'stopping'>, event: Event, policy: Policy): Step {
  const target = policy.killasgroup || event.type === 'kill' ? 'group' : 'process'
  const warning = log('warn', `killing '${policy.name}' (${state.pid}) with SIGKILL`)
  const effects = [warning, ...signalEffects(state.pid, SIGKILL, target, policy), ...overdue(policy, KILL_INTERVAL_MS)]
  return [...toStopping(state), ...effects]
}

/** stopping → stopped, or → emptying where the group is stopped as a whole: then all of it must be gone. */
export function stopped(state: With<'stopping'>, { status }: Exited, policy: Policy): Step {
  const number: Effect = { type: 'exit-status', number: exitNumber(status) }
  const { pid, name: _, ...rest } = state
  const ended = { ...rest, leader: pid, status }
  if (!stopsGroup(policy)) {
    const [next, ...effects] = takenDown(ended, policy)
    return [next, number, ...effects]
  }
  const emptying: State = { ...ended, name: 'emptying', told: policy.stopasgroup }
  return [emptying, number, { type: 'await-group', group: pid }]
}

/** emptying: the group outlives its leader. Unless it was signalled as a whole, it is asked to end now. */
export function askedAsGroup(state: With<'emptying'>, _event: Event, policy: Policy): Step {
  if (state.told) return [state]
  return [{ ...state, told: true }, ...signalEffects(state.leader, policy.stopsignal, 'group', policy)]
}

/** emptying: stopwaitsecs are over, or somebody is out of patience. Repeated until the group is gone. */
export function groupKilled(state: With<'emptying'>, _event: Event, policy: Policy): Step {
  return [
    { ...state, told: true },
    log('warn', `killing what is left of the group of '${policy.name}' (${state.leader}) with SIGKILL`),
    ...signalEffects(state.leader, SIGKILL, 'group', policy),
    { type: 'await-group', group: state.leader },
    ...overdue(policy, KILL_INTERVAL_MS),
  ]
}

/** emptying → stopped: nobody of the group is left. */
export function emptied(state: With<'emptying'>, _event: Event, policy: Policy): Step {
  return takenDown(state, policy)
}

/** emptying → stopped: what is left may not be signalled; the process itself has ended. */
export function groupFailed(
  state: With<'emptying'>,
  event: Extract<Event, { type: 'signal-failed' }>,
  policy: Policy,
): Step {
  const line = log('critical', `cannot signal the group of ${policy.name} (${state.leader}): ${event.message}`)
  const [next, ...effects] = takenDown(state, policy)
  return [next, line, ...effects]
}

/** Whether a stop is for the whole process group. */
export function stopsGroup({ stopasgroup, killasgroup }: Pick<Policy, 'stopasgroup' | 'killasgroup'>): boolean {
  return stopasgroup || killasgroup
}

/** The end of a stop: stopped, or fatal where it was a failure that led to it. */
function takenDown(
  { tries, leader, status, failure }: Pick<With<'emptying'>, 'tries' | 'leader' | 'status' | 'failure'>,
  policy: Policy,
): Step {
  const message = `stopped: ${policy.name} (${describeExit(status)})`
  const line = log(isExpected(status, policy) ? 'info' : 'warn', message)
  if (failure === undefined) return [{ name: 'stopped', tries }, announce('stopping', 'stopped', { pid: leader }), line]
  const [fatal, ...effects] = givenUp('stopping', failure, policy)
  return [fatal, line, ...effects]
}

/** starting, running, stopping → unknown: a signal was refused. */
export function signalFailed(
  state: With<'starting' | 'running' | 'stopping'>,
  { message }: Extract<Event, { type: 'signal-failed' }>,
  { name }: Policy,
): Step {
  const line = log('critical', `unknown problem killing ${name} (${state.pid}):${message}`)
  return [...settled(state, { name: 'unknown', pid: state.pid }, { pid: 0 }), line]
}

/** Into `stopping`, from wherever its process is. */
export function toStopping(state: With<'starting' | 'running' | 'stopping'>): Step {
  if (state.name === 'stopping') return [state]
  const tries = state.name === 'starting' ? state.tries : 0
  return settled(state, { name: 'stopping', tries, pid: state.pid })
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

function isExpected(status: ExitStatus, { exitcodes }: Policy): boolean {
  return exitcodes.includes(exitNumber(status))
}

/** For a program whose exit ends the daemon: with its exit code, or with what stands for the signal. */
function endEffects(
  status: ExitStatus,
  { on_exit: onExit, exit_code: code, exit_signal_base: base }: Policy,
): Effect[] {
  if (onExit !== 'shutdown') return []
  const own = status.signal === undefined ? (status.code ?? 0) : base + status.signal
  return [{ type: 'end-daemon', code: code ?? own, reason: `has ended (${describeExit(status)})` }]
}

function wantsRestart(expected: boolean, { automatic, autorestart, on_exit: onExit }: Policy): boolean {
  if (onExit === 'shutdown') return false
  return automatic && (autorestart === 'true' || (autorestart === 'unexpected' && !expected))
}

/** Signal 0 is a stop signal that sends nothing. */
function signalEffects(pid: number, signal: number, target: 'process' | 'group', { name }: Policy): Effect[] {
  const group = target === 'group' ? 'process group ' : ''
  const line = log('debug', `killing ${name} (pid ${pid}) ${group}with signal ${signalName(signal)}`)
  return signal === 0 ? [line] : [line, { type: 'signal', pid, signal, target }]
}

function stopEffects(pid: number, policy: Policy): Effect[] {
  const end: readonly Effect[] = policy.is_logger ? [{ type: 'end-input' }] : []
  if (policy.stop_command !== undefined) return [...end, { type: 'stop-command', pid }]
  const target = policy.stopasgroup ? 'group' : 'process'
  const effects = [...end, ...signalEffects(pid, policy.stopsignal, target, policy)]
  return policy.restart === 's6' ? [...effects, goOn(pid, target)] : effects
}

/** Who was stopped by SIGSTOP hears the stop signal too. Source: s6 2.15, s6-supervise; not so in supervisord. */
function goOn(pid: number, target: 'process' | 'group'): Effect {
  return { type: 'signal', pid, signal: SIGCONT, target }
}

/** When SIGKILL is due. Source: s6 2.15, timeout-kill: 0 is never. */
export function overdue({ stopwaitsecs, timeout_kill: limit }: Policy, leastMs: number): Effect[] {
  if (limit === 0 && leastMs === 0) return []
  return [{ type: 'timer', afterMs: Math.max((limit ?? stopwaitsecs) * 1000, leastMs) }]
}
