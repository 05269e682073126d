// on_unhealthy and the times of checks on the fake clock.

import { describe, expect, test } from 'vitest'
import type { Health, UnhealthyPolicy } from '../../../config/model/checks.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import '../../../runtime/service/process/health-check.ts'
import { newService } from './harness.ts'

const FAILING: Health = {
  check: { kind: 'file', path: '/nonexistent/file' },
  interval: 10,
  timeout: 5,
  jitter: 0,
  start_period: 0,
  failures: 1,
  successes: 1,
}

async function unhealthy(policy: UnhealthyPolicy, changes: Partial<ProcessSettings> = {}) {
  const parts = newService({ health: FAILING, on_unhealthy: policy, ...changes })
  parts.service.startWithoutWaiting()
  // RUNNING after a second, and the first check at once
  await parts.clock.advance(1000)
  return parts
}

const RESTART = {
  ...{ delay: 60, factor: 1, max_delay: 60, limit: 2, window: 0, reset_after: 300, jitter: 0 },
  no_restart_codes: [],
}

describe('on_unhealthy', () => {
  test('none: it is only shown', async () => {
    const { service, shim } = await unhealthy({ kind: 'none' })
    expect(service.info()).toMatchObject({ state: 'running', health: { status: 'unhealthy' } })
    expect(shim.signals).toEqual([])
  })

  test('signal: once, however long it stays unhealthy', async () => {
    const { service, shim, clock } = await unhealthy({ kind: 'signal', signal: 10 })
    await clock.advance(3600_000)
    expect(shim.signals.map(({ signal }) => signal)).toEqual([10])
    expect(service.info().state).toBe('running')
  })

  test('stop: it is FATAL, without a timer', async () => {
    const { service, shim, clock } = await unhealthy({ kind: 'stop' })
    expect(service.info()).toMatchObject({ state: 'fatal' })
    await clock.advance(3600_000)
    expect([shim.spawned.length, clock.pending]).toEqual([1, 0])
  })

  test('restart: with the delay and the limit of the rules', async () => {
    const { service, shim, clock } = await unhealthy({ kind: 'restart' }, { restart: RESTART, autorestart: 'true' })
    const seen: [number, string][] = []
    for (let minute = 0; minute < 5; minute += 1) {
      seen.push([shim.spawned.length, service.info().state])
      await clock.advance(61_000)
    }
    expect(seen).toEqual([
      [1, 'exited'],
      [2, 'exited'],
      [3, 'fatal'],
      [3, 'fatal'],
      [3, 'fatal'],
    ])
    expect(clock.pending).toBe(0)
  })

  test.each(['stop', 'shutDown', 'startWithoutWaiting'] as const)(
    '%s cancels the delay of that restart',
    async (verb) => {
      const { service, shim, clock } = await unhealthy({ kind: 'restart' }, { restart: RESTART, autorestart: 'true' })
      void service[verb]()
      await clock.advance(500)
      const isStart = verb === 'startWithoutWaiting'
      expect([shim.spawned.length, clock.pending]).toEqual([isStart ? 2 : 1, isStart ? 1 : 0])
    },
  )
})

test('a check that does not end is killed with its group after timeout, and the next comes interval later', async () => {
  const check = { kind: 'exec', command: '/bin/sleep 99' } as const
  const { service, shim, clock } = newService({ health: { ...FAILING, check } })
  service.startWithoutWaiting()
  const seen: [number, number][] = []
  await clock.advance(1000)
  for (const [ms] of [[0], [4999], [1], [9999], [1], [5000]] as const) {
    await clock.advance(ms)
    const checks = shim.spawned.filter(({ id }) => id.includes('!')).length
    seen.push([checks, shim.signals.filter(({ signal, target }) => signal === 9 && target === 'group').length])
  }
  expect(seen).toEqual([
    [1, 0],
    [1, 0],
    [1, 1],
    [1, 1],
    [2, 1],
    [2, 2],
  ])
})

test('the jitter spreads the checks of many programs, and never beyond its length', async () => {
  const many = Array.from({ length: 30 }, () => newService({ health: { ...FAILING, failures: 100, jitter: 5 } }))
  const times = await Promise.all(
    many.map(async ({ service, clock, log }) => {
      service.startWithoutWaiting()
      await clock.advance(1000)
      const failures = () => log.lines.filter((line) => line.includes('no file')).length
      const first = failures()
      let ms = 0
      for (; failures() === first; ms += 250) await clock.advance(250)
      return ms
    }),
  )
  expect(Math.min(...times)).toBeGreaterThanOrEqual(10_000)
  expect(Math.max(...times)).toBeLessThanOrEqual(15_250)
  expect(new Set(times).size).toBeGreaterThan(5)
})
