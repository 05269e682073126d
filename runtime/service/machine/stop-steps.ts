// The steps on the way down: the stop signal, SIGKILL when it has no effect, and the rest of the process group. The
// texts of log lines are supervisord's. Source: supervisor 4.2.5, Subprocess.kill, finish.

import { SIGCONT, SIGKILL, signalInMessage } from '../../../config/values/signal.ts'
import { describeExit, exitNumber } from './exit-status.ts'
import { announce, log } from './effects.ts'
import { givenUp } from './retry-steps.ts'
import { type Effect, type Event, isRestarting, type Policy, type Relapse, type State, type Step } from './state.ts'
import { began, isExpected, restartedOrNot, settled } from './steps.ts'

type With<Tag extends State['name']> = Extract<State, { readonly name: Tag }>
type Exited = Extract<Event, { readonly type: 'exited' }>
type Spawned = Extract<Event, { readonly type: 'spawned' }>

/** SIGKILL is repeated after this time at the earliest, however short stopwaitsecs is. */
const KILL_INTERVAL_MS = 1000

/** aborting → stopping: the process exists now and is stopped as requested. */
export function spawnedUnwanted(
  { tries, signal, failure, thenStart }: With<'aborting'>,
  { pid, atMs }: Spawned,
  policy: Policy,
): Step {
  const state: State = { name: 'starting', tries, pid, startedAtMs: atMs }
  const [next, ...effects] =
    signal === SIGKILL ? killed(state, { type: 'kill' }, policy) : stopOf(state, { type: 'stop' }, policy)
  const stopping = next.name === 'stopping' ? { ...next, ...given({ failure, thenStart }) } : next
  return [stopping, log('info', `spawned: '${policy.name}' with pid ${pid}`), ...effects]
}

/** starting, running → stopping, with the stop signal. */
export function stopOf(state: With<'starting' | 'running'>, _event: Event, policy: Policy): Step {
  return [...toStopping(state), ...stopEffects(state.pid, policy), ...overdue(policy, 0)]
}

/** stopping: `stop_command` has failed, so the stop signal is sent. */
export function stoppedBySignal(
  state: With<'stopping'>,
  { message }: Extract<Event, { type: 'stop-command-failed' }>,
  policy: Policy,
): Step {
  const line = log('warn', `stop_command of ${policy.name} failed: ${message}; sending the stop signal`)
  return [state, line, ...stopEffects(state.pid, { ...policy, stop_command: undefined })]
}

/** starting, running, stopping → stopping, with SIGKILL. It is repeated until the process is gone. */
export function killed(before: With<'starting' | 'running' | 'stopping'>, event: Event, policy: Policy): Step {
  const state = event.type === 'kill' ? withoutStart(before) : before
  const target = policy.killasgroup || event.type === 'kill' ? 'group' : 'process'
  const warning = log('warn', `killing '${policy.name}' (${state.pid}) with SIGKILL`)
  const effects = [warning, ...signalEffects(state.pid, SIGKILL, target, policy), ...overdue(policy, KILL_INTERVAL_MS)]
  return [...toStopping(state), ...effects]
}

/** stopping → stopped; or → emptying where the whole group is stopped, until all of it is gone. */
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

/** emptying: the group outlives its leader. If only the leader was signalled, the group gets the stop signal now. */
export function askedAsGroup(state: With<'emptying'>, _event: Event, policy: Policy): Step {
  if (state.told) return [state]
  return [{ ...state, told: true }, ...signalEffects(state.leader, policy.stopsignal, 'group', policy)]
}

/** emptying: stopwaitsecs are over, or a client asked for SIGKILL. It is repeated until the group is gone. */
export function groupKilled(before: With<'emptying'>, event: Event, policy: Policy): Step {
  const state = event.type === 'kill' ? withoutStart(before) : before
  return [
    { ...state, told: true },
    log('warn', `killing what is left of the group of '${policy.name}' (${state.leader}) with SIGKILL`),
    ...signalEffects(state.leader, SIGKILL, 'group', policy),
    { type: 'await-group', group: state.leader },
    ...overdue(policy, KILL_INTERVAL_MS),
  ]
}

/** emptying → stopped: no process of the group is left. */
export function emptied(state: With<'emptying'>, _event: Event, policy: Policy): Step {
  return takenDown(state, policy)
}

/** emptying → stopped: the rest of the group cannot be signalled; the process itself has ended. */
export function groupFailed(
  state: With<'emptying'>,
  event: Extract<Event, { type: 'signal-failed' }>,
  policy: Policy,
): Step {
  const line = log('critical', `cannot signal the group of ${policy.name} (${state.leader}): ${event.message}`)
  const [next, ...effects] = takenDown(state, policy)
  return [next, line, ...effects]
}

/** Whether a stop applies to the whole process group. */
export function stopsGroup({ stopasgroup, killasgroup }: Pick<Policy, 'stopasgroup' | 'killasgroup'>): boolean {
  return stopasgroup || killasgroup
}

/** The end of a stop: stopped, or fatal where a failure led to it. A restart continues with its start. */
function takenDown(ended: Omit<With<'emptying'>, 'name' | 'told'>, policy: Policy): Step {
  const { tries, leader, status, failure, thenStart, relapse } = ended
  const message = `stopped: ${policy.name} (${describeExit(status)})`
  const line = log(isExpected(status, policy) ? 'info' : 'warn', message)
  if (relapse !== undefined && thenStart !== true) return afterRelapse(relapse, ended, line, policy)
  if (failure === undefined)
    return startedNext(
      [{ name: 'stopped', tries }, announce('stopping', 'stopped', { pid: leader }), line],
      thenStart,
      policy,
    )
  const [fatal, ...effects] = givenUp('stopping', failure, policy)
  return startedNext([fatal, line, ...effects], thenStart, policy)
}

/** stopping, emptying → as after an unexpected exit. */
function afterRelapse(
  relapse: Relapse,
  { leader }: Pick<With<'emptying'>, 'leader'>,
  line: Effect,
  policy: Policy,
): Step {
  const [next, ...effects] = restartedOrNot(relapse, relapse, false, policy)
  return [next, announce('stopping', 'exited', { pid: leader }), line, ...effects]
}

/** Without a process: begins the start of a restart, unless the daemon ends. */
export function startedNext([state, ...effects]: Step, thenStart: boolean | undefined, { automatic }: Policy): Step {
  if (thenStart !== true || !automatic) return [state, ...effects]
  const [next, ...more] = began(state)
  return [next, ...effects, ...more]
}

/** The same state, without a start at its end. */
export function withoutStart<Any extends State>(state: Any): Any {
  return isRestarting(state) ? { ...state, thenStart: false, relapse: undefined } : state
}

/** Removes fields that are undefined. */
function given(details: Pick<With<'stopping'>, 'failure' | 'thenStart'>): typeof details {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined))
}

/** starting, running, stopping → unknown: the system refused a signal. */
export function signalFailed(
  state: With<'starting' | 'running' | 'stopping'>,
  { message }: Extract<Event, { type: 'signal-failed' }>,
  { name }: Policy,
): Step {
  const line = log('critical', `unknown problem killing ${name} (${state.pid}):${message}`)
  return [...settled(state, { name: 'unknown', pid: state.pid }, { pid: 0 }), line]
}

/** Goes to `stopping`, from any state with a process. */
export function toStopping(state: With<'starting' | 'running' | 'stopping'>): Step {
  if (state.name === 'stopping') return [state]
  const tries = state.name === 'starting' ? state.tries : 0
  return settled(state, { name: 'stopping', tries, pid: state.pid })
}

/** Signal 0 as stop signal means that no signal is sent. */
function signalEffects(pid: number, signal: number, target: 'process' | 'group', { name }: Policy): Effect[] {
  const group = target === 'group' ? 'process group ' : ''
  const line = log('debug', `killing ${name} (pid ${pid}) ${group}with signal ${signalInMessage(signal)}`)
  return signal === 0 ? [line] : [line, { type: 'signal', pid, signal, target }]
}

function stopEffects(pid: number, policy: Policy): Effect[] {
  const end: readonly Effect[] = policy.is_logger ? [{ type: 'end-input' }] : []
  if (policy.stop_command !== undefined) return [...end, { type: 'stop-command', pid }]
  const target = policy.stopasgroup ? 'group' : 'process'
  const effects = [...end, ...signalEffects(pid, policy.stopsignal, target, policy)]
  return policy.restart === 's6' ? [...effects, goOn(pid, target)] : effects
}

/**
 * SIGCONT, so that a process stopped by SIGSTOP gets the stop signal too. Source: s6 2.15, s6-supervise; supervisord
 * does not do it.
 */
function goOn(pid: number, target: 'process' | 'group'): Effect {
  return { type: 'signal', pid, signal: SIGCONT, target }
}

/** The timer for SIGKILL. Source: s6 2.15, timeout-kill: 0 is never. */
export function overdue({ stopwaitsecs, timeout_kill: limit }: Policy, leastMs: number): Effect[] {
  if (limit === 0 && leastMs === 0) return []
  return [{ type: 'timer', afterMs: Math.max((limit ?? stopwaitsecs) * 1000, leastMs) }]
}
