// on_dependency_lost with the fake clock: the action after each delay, and no timer that remains.

import { expect, test } from 'vitest'
import type { LossPolicy } from '../../config/model/ends.ts'
import { EventBus } from '../../runtime/events/bus.ts'
import type { Unit } from '../../runtime/service/unit.ts'
import { Losses } from '../../runtime/supervisor/losses.ts'
import { FakeClock } from '../helpers/fake-clock.ts'

type Standing = 'there' | 'down' | 'unhealthy'

/** web needs db; `db(…)` sets the state of db. */
function setUp(policy: LossPolicy) {
  const clock = new FakeClock()
  const bus = new EventBus(() => {})
  const did: string[] = []
  const state = { db: 'there' as Standing, isUp: true }
  const db = {
    isUp: true,
    info: () => ({ health: state.db === 'unhealthy' ? { status: 'unhealthy' } : undefined }),
    standing: () => (state.db === 'down' ? 'failed' : 'there'),
  }
  const web = {
    id: 'web:web',
    group: 'web',
    name: 'web',
    isStopping: false,
    get isUp() {
      return state.isUp
    },
    settings: { on_dependency_lost: policy },
  }
  const losses = new Losses({
    clock,
    log: { log: () => {} },
    bus,
    find: (id) => (id === 'db:db' ? db : web) as Partial<Unit> as Unit,
    needs: () => new Map([['web:web', [{ unit: 'db:db', reached: 'started' }]]]),
    stop: (id) => {
      did.push(`stop ${id} at ${clock.nowMs()}`)
      state.isUp = false
    },
    start: (id) => {
      did.push(`start ${id} at ${clock.nowMs()}`)
      state.isUp = true
    },
  })
  losses.follow()
  const become = (next: Standing): void => {
    state.db = next
    bus.emit({ type: 'unit-changed', id: 'db:db' })
  }
  return { clock, bus, did, become, losses }
}

const AFTER_5 = { delay: 5 } as const

test.each([
  ['none: nothing', { action: 'none', ...AFTER_5 }, ['down', 60, 'there', 60], []],
  [
    'stop: after the delay, and for good',
    { action: 'stop', ...AFTER_5 },
    ['down', 60, 'there', 60],
    ['stop web:web at 5000'],
  ],
  ['stop: bad health counts as a loss', { action: 'stop', ...AFTER_5 }, ['unhealthy', 60], ['stop web:web at 5000']],
  [
    'restart: stopped after the delay, started when it is back',
    { action: 'restart', ...AFTER_5 },
    ['down', 60, 'there', 60],
    ['stop web:web at 5000', 'start web:web at 60000'],
  ],
  ['a short restart does not cascade', { action: 'restart', ...AFTER_5 }, ['down', 4.9, 'there', 60], []],
  [
    'the delay begins anew with each loss',
    { action: 'restart', ...AFTER_5 },
    ['down', 4, 'there', 1, 'down', 4, 'there', 1, 'down', 6],
    ['stop web:web at 15000'],
  ],
  [
    'another reason does not prolong the delay',
    { action: 'stop', ...AFTER_5 },
    ['unhealthy', 3, 'down', 3],
    ['stop web:web at 5000'],
  ],
  ['without a delay at once', { action: 'stop', delay: 0 }, ['down', 0], ['stop web:web at 0']],
] as const)('%s', async (_sentence, policy, steps, expected) => {
  const { clock, become, did, losses } = setUp(policy)
  for (const step of steps)
    if (typeof step === 'string') become(step)
    else await clock.advance(step * 1000)
  expect(did).toEqual(expected)
  losses.close()
  expect(clock.pending).toBe(0)
})

test('a stop that a client asks for cancels the start that is owed', async () => {
  const { clock, bus, become, did } = setUp({ action: 'restart', ...AFTER_5 })
  become('down')
  await clock.advance(6000)
  bus.emit({ type: 'stop-requested', id: 'web:web' })
  become('there')
  await clock.advance(6000)
  expect(did).toEqual(['stop web:web at 5000'])
})

test('a shutdown cancels the delay at once', async () => {
  const { clock, bus, become, did } = setUp({ action: 'stop', ...AFTER_5 })
  become('down')
  bus.emit({ type: 'supervisor-state', state: 'stopping' })
  expect(clock.pending).toBe(0)
  await clock.advance(60_000)
  expect(did).toEqual([])
})

test('24 hours of a dependency that comes and goes leave no timer', async () => {
  const { clock, become, did } = setUp({ action: 'restart', ...AFTER_5 })
  for (let minute = 0; minute < 24 * 60; minute += 1) {
    become('down')
    await clock.advance(minute % 2 === 0 ? 30_000 : 1000)
    become('there')
    await clock.advance(minute % 2 === 0 ? 30_000 : 59_000)
    expect(clock.pending).toBe(0)
  }
  expect(did).toHaveLength(24 * 60)
})
