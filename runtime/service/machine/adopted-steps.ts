// The step for a service whose process was started by the previous daemon process: it continues in the state of the
// note, with the rest of the time that this state may take.

import { type Effect, type Event, type Policy, pidOf, RESTART_INTERVAL_MS, type State, type Step } from './state.ts'

/** stopped → the state of the note. The state has not changed, so there is no event; timers continue. */
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
