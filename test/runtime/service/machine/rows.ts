// The tests of the state machine of processes are rows: a state, an event, and what follows, as in supervisord.

import { describe, expect, test } from 'vitest'
import { step } from '../../../../runtime/service/machine/machine.ts'
import type { Effect, Event, Policy, State } from '../../../../runtime/service/machine/state.ts'
import { deathBy, exitCode } from '../../../helpers/fake-shim.ts'
import { processSettings } from '../../../helpers/settings.ts'

export interface Row {
  readonly says: string
  readonly state: State
  readonly event: Event
  readonly policy?: Partial<Policy>
  readonly next: State
  readonly effects: readonly string[]
}

/** A test for each row. */
export function rows(title: string, list: readonly Row[]): void {
  describe(title, () => {
    test.each(list)('$says', ({ state, event, policy, next, effects }) => {
      const [reached, ...asked] = step(state, event, { ...POLICY, ...policy })
      const shown = asked.filter((effect) => effect.type !== 'log' || effect.level !== 'debug').map(show)
      expect([reached, ...shown]).toEqual([next, ...effects])
    })
  })
}

/** One line for each effect. */
function show(effect: Effect): string {
  switch (effect.type) {
    case 'announce': {
      const extras = `${effect.pid ? ` pid ${effect.pid}` : ''}${effect.tries ? ` tries ${effect.tries}` : ''}`
      return `${effect.from}>${effect.to}${extras}${effect.expected ? ' expected' : ''}`
    }
    case 'timer':
      return `timer ${effect.afterMs}`
    case 'signal':
      return `signal ${effect.signal} ${effect.target}`
    case 'log':
      return `${effect.level}: ${effect.message}`
    case 'spawn-error':
      return `spawnerr ${effect.message}`
    case 'exit-status':
      return `status ${effect.number}`
    case 'end-daemon':
      return `end-daemon ${effect.code} ${effect.reason}`
    default:
      return effect.type
  }
}

type Named<N extends State['name']> = Extract<State, { readonly name: N }>

export const POLICY: Policy = { ...processSettings(), automatic: true }

export const starting: Named<'starting'> = { name: 'starting', tries: 0, pid: 7, startedAtMs: 0 }
export const running: Named<'running'> = { name: 'running', pid: 7, startedAtMs: 0 }
export const stopping: Named<'stopping'> = { name: 'stopping', tries: 0, pid: 7 }
export const emptying: Named<'emptying'> = { name: 'emptying', tries: 0, leader: 7, status: exitCode(0), told: false }
export const exited = (atMs: number, code = 0): Event => ({ type: 'exited', status: exitCode(code), atMs })
export const killed = (atMs: number): Event => ({ type: 'exited', status: deathBy(9), atMs })

export const TOO_QUICK = 'spawnerr Exited too quickly (process log may have details)'
export const SUCCESS = 'success: web entered RUNNING state, process has stayed up for > than'
export const GAVE_UP = 'info: gave up: web entered FATAL state, too many start retries too quickly'

export const rule = {
  delay: 1,
  factor: 2,
  max_delay: 60,
  limit: 3,
  window: 0,
  reset_after: 300,
  jitter: 0,
  no_restart_codes: [],
}
export const inARow = (count: number, afterMs = 1000 * 2 ** (count - 1)) => ({ inARow: count, times: [], afterMs })

export const finishing = (from: State, code = 3, readyAtMs?: number): State =>
  ({
    name: 'finishing',
    from,
    exit: { ...exited(5000, code), ...(readyAtMs === undefined ? {} : { readyAtMs }) },
  }) as State

export const FINISH = { finish: 'clean-up' }

export const RELAPSE = { atMs: 5000, livedMs: 5000 }
