// The sequence of restarts that a rule requires.

import { describe, expect, test } from 'vitest'
import type { RestartRules } from '../../../config/model/ends.ts'
import { nextRestart, type Restarts } from '../../../runtime/service/machine/restarts.ts'
import { exitCode } from '../../helpers/fake-shim.ts'
import { startedService } from './harness.ts'

const RULE: RestartRules = {
  delay: 1,
  factor: 2,
  max_delay: 60,
  limit: 10,
  window: 0,
  reset_after: 300,
  jitter: 0,
  no_restart_codes: [],
}

/** The delays in seconds until the process fails permanently, for a process that runs for this time after each start. */
function delays(changes: Partial<RestartRules>, livedMs = 10, most = 20): readonly (number | 'given up')[] {
  const seen: (number | 'given up')[] = []
  let before: Restarts | undefined
  let atMs = 0
  while (seen.length < most && seen.at(-1) !== 'given up') {
    atMs += livedMs
    const next = nextRestart(before, { atMs, livedMs }, { ...RULE, ...changes })
    seen.push(next === undefined ? 'given up' : next.afterMs / 1000)
    before = next
    atMs += next?.afterMs ?? 0
  }
  return seen
}

describe('delays', () => {
  test('double up to the longest, ten times', () => {
    expect(delays({})).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 'given up'])
  })
  test('stay the same with factor 1, without end with limit 0', () => {
    expect(delays({ delay: 0.5, factor: 1, limit: 0 }, 10, 4)).toEqual([0.5, 0.5, 0.5, 0.5])
  })
  test('get a random part of the jitter', () => {
    const seconds = [0, 0.5, 1].map((chance) => {
      const next = nextRestart(undefined, { atMs: 0, livedMs: 0 }, { ...RULE, delay: 2, jitter: 3 }, chance)
      return (next?.afterMs ?? 0) / 1000
    })
    expect(seconds).toEqual([2, 3.5, 5])
  })
  test('never grow beyond all numbers', () => {
    const [first] = [
      nextRestart({ inARow: 1e6, times: [], afterMs: 0 }, { atMs: 0, livedMs: 0 }, { ...RULE, limit: 0 }),
    ]
    expect(first?.afterMs).toBe(60_000)
  })
  test('begin anew after a life of reset_after', () => {
    expect(delays({}, 300_000, 3)).toEqual([1, 1, 1])
    expect(delays({ reset_after: 0, limit: 2 }, 300_000)).toEqual([1, 2, 'given up'])
  })
  test('within a window only recent restarts count', () => {
    expect(delays({ window: 60, limit: 3, factor: 1, reset_after: 0 })).toEqual([1, 1, 1, 'given up'])
    expect(delays({ window: 60, limit: 3, factor: 1, reset_after: 0 }, 30_000, 8)).toEqual(Array(8).fill(1))
  })
})

describe('a service', () => {
  const crash = exitCode(1)

  test('is not restarted after one of no_restart_codes, whether it was RUNNING or not', async () => {
    const restart = { ...RULE, no_restart_codes: [78] }
    const { service, clock, shim, log } = await startedService({ restart, autorestart: 'true' })
    shim.exit('web:web', exitCode(78))
    await clock.advance(3600_000)
    expect([shim.spawned.length, service.info().state, clock.pending]).toEqual([1, 'exited', 0])
    expect(log.lines).toContain('info not restarting: web, exit code 78 forbids it (no_restart_codes)')
    service.startWithoutWaiting()
    await clock.advance(1)
    shim.exit('web:web', exitCode(78))
    await clock.advance(3600_000)
    expect([shim.spawned.length, service.info().state, clock.pending]).toEqual([2, 'fatal', 0])
    expect(log.lines).toContain('info gave up: web entered FATAL state, exit code 78 forbids a restart')
    service.startWithoutWaiting()
    await clock.advance(1500)
    shim.exit('web:web', crash)
    await clock.advance(2500)
    expect([shim.spawned.length, service.info().state]).toEqual([4, 'running'])
  })

  test.each(['stop', 'shutDown', 'startWithoutWaiting'] as const)('%s cancels a delay at once', async (verb) => {
    const { service, clock, shim } = await startedService({ restart: { ...RULE, delay: 60 }, autorestart: 'true' })
    shim.exit('web:web', crash)
    expect(clock.pending).toBe(1)
    void service[verb]()
    await clock.advance(1500)
    const isStart = verb === 'startWithoutWaiting'
    expect([shim.spawned.length, clock.pending]).toEqual([isStart ? 2 : 1, 0])
    await clock.advance(3600_000)
    expect(shim.spawned).toHaveLength(isStart ? 2 : 1)
  })

  test('comes back after doubling delays and is given up after the limit', async () => {
    const { service, clock, shim } = await startedService({ restart: { ...RULE, limit: 3 } })
    for (const [index, seconds] of [1, 2, 4].entries()) {
      shim.exit('web:web', crash)
      await clock.advance(seconds * 1000 - 1)
      expect([shim.spawned.length, service.info().state]).toEqual([index + 1, 'exited'])
      expect(service.info().description).toMatch(new RegExp(`^[A-Z].* [AP]M, restart ${index + 1} in a row$`))
      await clock.advance(1500)
      expect([shim.spawned.length, service.info().state]).toEqual([index + 2, 'running'])
    }
    shim.exit('web:web', crash)
    expect(service.info()).toMatchObject({ state: 'fatal', description: 'Bad exit code 1' })
    expect(clock.pending).toBe(0)
  })

  test.each(['stop', 'shutDown'] as const)('%s ends the delay at once', async (verb) => {
    const { service, clock, shim } = await startedService({ restart: { ...RULE, delay: 50 } })
    shim.exit('web:web', crash)
    await service[verb]()
    await clock.advance(100_000)
    expect(shim.spawned).toHaveLength(1)
    expect(service.atRest).toBe(true)
  })
})
