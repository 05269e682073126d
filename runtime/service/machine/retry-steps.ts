// The steps that lead to another try, or to FATAL: by supervisord's rules, or by the rule `restart`. Source: supervisor
// 4.2.5, Subprocess.finish, give_up.

import type { Restart } from '../../../config/model/ends.ts'
import type { StateName } from '../../events/event.ts'
import { announce, log } from './effects.ts'
import { type End, finalCode, nextRestart, type Restarts } from './restarts.ts'
import type { Counted, Effect, Policy, State, Step } from './state.ts'

type With<Tag extends State['name']> = Extract<State, { readonly name: Tag }>

/**
 * A start has failed: the counter grows by one, and the next try comes after as many seconds; or FATAL after too many
 * tries.
 */
export function backedOff(state: With<'spawning' | 'starting'>, end: End, policy: Policy): Step {
  const tries = state.tries + 1
  const told = announce('starting', 'backoff', { tries })
  const { restart } = policy
  if (restart !== undefined) {
    const code = finalCode(end, restart)
    if (code !== undefined) return withEffect(givenUp('backoff', `exit code ${code} forbids a restart`, policy), told)
    const next = nextRestart(state.restarts, end, restart, policy.chance)
    if (next === undefined) return withEffect(givenUp('backoff', tooOften(state), policy, end.exitCode), told)
    return [{ name: 'backoff', tries, restarts: next }, told, ...waiting(next, policy)]
  }
  if (tries <= policy.startretries) return [{ name: 'backoff', tries }, told, { type: 'timer', afterMs: tries * 1000 }]
  return withEffect(givenUp('backoff', 'too many start retries too quickly', policy, end.exitCode), told)
}

/** The end of a process that had been started. */
export interface LivedEnd extends End {
  readonly livedMs: number
}

/** running → exited, until the time that `restart` gives; or → fatal. */
export function restartedByRule(state: Counted, end: LivedEnd, rule: Restart, policy: Policy): Step {
  const code = finalCode(end, rule)
  const line = log('info', `not restarting: ${policy.name}, exit code ${code} forbids it (no_restart_codes)`)
  if (code !== undefined) return [{ name: 'exited', restarting: false }, line]
  const next = nextRestart(state.restarts, end, rule, policy.chance)
  if (next === undefined) return givenUp('exited', tooOften(state), policy)
  return [{ name: 'exited', restarting: true, restarts: next }, ...waiting(next, policy)]
}

/** → fatal. `own` is the exit code for a daemon that ends because of this. */
export function givenUp(
  from: StateName,
  why: string,
  { name, on_fatal: onFatal, exit_code: code }: Policy,
  own = 1,
): Step {
  const message = `gave up: ${name} entered FATAL state, ${why}`
  const end: Effect = { type: 'end-daemon', code: code ?? own, reason: 'is FATAL' }
  return [
    { name: 'fatal' },
    announce(from, 'fatal', {}),
    log('info', message),
    ...(onFatal === 'shutdown' ? [end] : []),
  ]
}

function withEffect([state, ...effects]: Step, first: Effect): Step {
  return [state, first, ...effects]
}

function tooOften({ restarts }: { readonly restarts?: Restarts | undefined }): string {
  return `restarted ${restarts?.inARow ?? 0} times`
}

function waiting({ inARow, afterMs }: Restarts, { name }: Policy): Effect[] {
  const seconds = Math.round(afterMs) / 1000
  const line = log('info', `restarting: ${name} in ${seconds} seconds (restart ${inARow} in a row)`)
  return [line, { type: 'timer', afterMs }]
}
