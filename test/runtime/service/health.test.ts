// The counts of results of health checks. A check leaves no timer, and only one check runs at a time.

import { describe, expect, test } from 'vitest'
import type { Health } from '../../../config/model/checks.ts'
import { countResult, UNCHECKED } from '../../../runtime/service/machine/health.ts'
import '../../../runtime/service/process/health-check.ts'
import { newService } from './harness.ts'

const RULES = { failures: 3, successes: 2, start_period: 10 }
const LETTERS = { starting: 's', healthy: 'h', unhealthy: 'u' } as const

/** `.` is a success, `x` a failure; there is one result each second. Gives the first letter of each status. */
function statuses(results: string, rules = RULES): string {
  let now = UNCHECKED
  return [...results]
    .map((one, second) => {
      now = countResult(now, { isGood: one === '.', ageMs: second * 1000 }, rules)
      return LETTERS[now.status]
    })
    .join('')
}

test.each([
  ['one success is enough at first', '.', 'h'],
  ['three failures in a row make it unhealthy', '.xxx', 'hhhu'],
  ['a success in between begins the count anew', '.xx.xx.xxx', 'hhhhhhhhhu'],
  ['two successes in a row make it healthy again', '.xxx.x..', 'hhhuuuuh'],
  ['in the start period failures do not count', 'xxxxxxxxxxxxx', 'ssssssssssssu'],
  ['but for what was healthy', 'x.xxx', 'shhhu'],
])('%s', (_sentence, results, expected) => {
  expect(statuses(results)).toBe(expected)
})

test('without a start period what never was healthy becomes unhealthy', () => {
  expect(statuses('xxx', { ...RULES, start_period: 0 })).toBe('ssu')
})

const HEALTH: Health = {
  check: { kind: 'file', path: '/nonexistent/file' },
  interval: 10,
  timeout: 5,
  jitter: 3,
  start_period: 0,
  failures: 3,
  successes: 1,
}

describe('24 hours', () => {
  test('of failing checks leave one timer, and none when it is down', async () => {
    const { service, clock } = newService({ health: HEALTH })
    service.startWithoutWaiting()
    await clock.advance(24 * 3600 * 1000)
    expect(service.info().health).toEqual({ status: 'unhealthy', problem: 'no file /nonexistent/file' })
    expect(clock.pending).toBe(1)
    void service.stop()
    await clock.advance(1)
    expect(service.info().health).toBeUndefined()
    expect(clock.pending).toBe(0)
  })

  test('of restarts because of bad health, by the rules of supervisord', async () => {
    const { service, clock, shim } = newService({
      health: { ...HEALTH, jitter: 0 },
      on_unhealthy: { kind: 'restart' },
    })
    service.startWithoutWaiting()
    await clock.advance(24 * 3600 * 1000 + 5000)
    expect(shim.spawned.length).toBeGreaterThan(4000)
    expect(clock.pending).toBeLessThanOrEqual(2)
  })

  test('a command that survives SIGKILL is not followed by another one', async () => {
    const { service, clock, shim } = newService({
      health: { ...HEALTH, jitter: 0, check: { kind: 'exec', command: '/bin/sleep 99' } },
    })
    shim.dieOn = []
    service.startWithoutWaiting()
    await clock.advance(6000)
    const checks = () => shim.spawned.filter(({ id }) => id.includes('!'))
    expect(checks()).toHaveLength(1)
    await clock.advance(3600_000)
    expect(checks()).toHaveLength(1)
    expect(shim.signals).toEqual([{ pid: 101, signal: 9, target: 'group' }])
  })
})
