// The state machine with random events: every transition leads to a state that its cell lists.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Cell, MACHINE, step } from '../../../../runtime/service/machine/machine.ts'
import type { Event, Policy, State } from '../../../../runtime/service/machine/state.ts'
import { deathBy, exitCode } from '../../../helpers/fake-shim.ts'
import { inARow, POLICY, RELAPSE, rule, running, starting, stopping } from './rows.ts'

const pid = fc.integer({ min: 2, max: 99 })
const tries = fc.integer({ min: 0, max: 5 })
const at = fc.integer({ min: 0, max: 5000 })
const anyStatus = fc.oneof(fc.integer({ min: 0, max: 255 }).map(exitCode), fc.integer({ min: 1, max: 64 }).map(deathBy))

const restarts = fc.constantFrom(undefined, inARow(1), inARow(3))

const failure = fc.constantFrom(undefined, 'was late')
const thenStart = fc.constantFrom(undefined, false, true)

const relapse = fc.constantFrom(undefined, RELAPSE)
const anyState: fc.Arbitrary<State> = fc.oneof(
  fc.record({ name: fc.constant('stopped' as const), tries }),
  fc.record({ name: fc.constant('spawning' as const), tries }),
  fc.record({ name: fc.constant('aborting' as const), tries, signal: fc.constantFrom(9, 15), failure, thenStart }),
  fc.record({ name: fc.constant('starting' as const), tries, pid, startedAtMs: at }),
  fc.record({ name: fc.constant('running' as const), pid, startedAtMs: at, restarts }),
  fc.record({ name: fc.constant('backoff' as const), tries }),
  fc.record({ name: fc.constant('stopping' as const), tries, pid, failure, thenStart, relapse }),
  fc.record({
    name: fc.constant('emptying' as const),
    tries,
    leader: pid,
    status: anyStatus,
    told: fc.boolean(),
    failure,
    thenStart,
    relapse,
  }),
  fc.record({ name: fc.constant('exited' as const), restarting: fc.boolean() }),
  fc.record({ name: fc.constant('fatal' as const) }),
  fc.record({
    name: fc.constant('finishing' as const),
    from: fc.constantFrom(
      starting,
      running,
      stopping,
      { ...stopping, thenStart: true },
      { name: 'unknown' as const, pid: 7 },
    ),
    exit: fc.record({ type: fc.constant('exited' as const), status: anyStatus, atMs: at }),
  }) as fc.Arbitrary<State>,
  fc.record({ name: fc.constant('unknown' as const), pid }),
)

const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  fc
    .constantFrom(
      'start' as const,
      'stop' as const,
      'restart' as const,
      'shutdown' as const,
      'kill' as const,
      'timer' as const,
      'group-left' as const,
      'group-empty' as const,
    )
    .map((type) => ({ type })),
  fc.record({ type: fc.constant('spawned' as const), pid, atMs: at }),
  fc.record({ type: fc.constant('spawn-failed' as const), message: fc.string(), atMs: at }),
  fc.record({
    type: fc.constantFrom('signal-failed' as const, 'stop-command-failed' as const, 'give-up' as const),
    message: fc.string(),
  }),
  fc.record({ type: fc.constant('relapse' as const), message: fc.string(), atMs: at }),
  fc.record({ type: fc.constant('finished' as const), code: fc.constantFrom(undefined, 0, 125), atMs: fc.nat() }),
  fc.record({ type: fc.constant('exited' as const), status: anyStatus, atMs: at }),
  fc.record({
    type: fc.constant('adopted' as const),
    state: anyState.filter(({ name }) => name !== 'aborting'),
    elapsedMs: at,
  }),
)

const anyPolicy: fc.Arbitrary<Policy> = fc
  .record({
    startsecs: fc.integer({ min: -1, max: 3 }),
    startretries: fc.integer({ min: -1, max: 3 }),
    autorestart: fc.constantFrom('true' as const, 'false' as const, 'unexpected' as const),
    stopsignal: fc.constantFrom(0, 2, 15),
    stopwaitsecs: fc.integer({ min: -1, max: 20 }),
    stopasgroup: fc.boolean(),
    killasgroup: fc.boolean(),
    on_exit: fc.constantFrom('none' as const, 'shutdown' as const),
    on_fatal: fc.constantFrom('none' as const, 'shutdown' as const),
    exit_code: fc.constantFrom(undefined, 0, 7),
    restart: fc.constantFrom(undefined, rule, 's6' as const),
    finish: fc.constantFrom(undefined, 'finish'),
    timeout_kill: fc.constantFrom(undefined, 0, 1.5),
    stop_command: fc.constantFrom(undefined, 'stop'),
    automatic: fc.boolean(),
  })
  .map((changes) => ({ ...POLICY, ...changes }))

test('every cell ends in a state it names, and asks for a spawn exactly when it enters spawning', () => {
  fc.assert(
    fc.property(anyState, anyEvent, anyPolicy, (state, event, policy) => {
      const [next, ...effects] = step(state, event, policy)
      const cell = MACHINE[state.name][event.type] as Cell<never, never> | undefined
      if (cell === undefined) expect([next, ...effects]).toEqual([state])
      else expect(cell.to).toContain(next.name)
      const spawns = effects.filter((effect) => effect.type === 'spawn').length
      expect(spawns).toBe(next.name === 'spawning' && state.name !== 'spawning' ? 1 : 0)
      expect(effects.findIndex((effect) => effect.type === 'spawn')).toBe(spawns === 0 ? -1 : effects.length - 1)
    }),
    { numRuns: 5000 },
  )
})
