// A restart on request, of a service with a fake shim and the fake clock.

import { describe, expect, test } from 'vitest'

import { settle } from '../../helpers/fake-clock.ts'
import { deathBy } from '../../helpers/fake-shim.ts'

import { newService, startedService } from './harness.ts'

describe('restart', () => {
  test('one request stops and starts, and resolves as a start', async () => {
    const { service, shim, clock, events } = await startedService()
    const outcome = service.restart()
    await settle()
    expect(shim.spawned).toHaveLength(2)
    await clock.advance(1000)
    expect([await outcome, service.info()]).toMatchObject(['started', { state: 'running', pid: 101 }])
    expect(events.slice(2)).toEqual([
      'web running>stopping pid 100',
      'web stopping>stopped pid 100',
      'web stopped>starting',
      'web starting>running pid 101',
    ])
  })

  test('a stop while it goes down wins, for whoever asked for the restart too', async () => {
    const { service, shim } = await startedService()
    shim.dieOn = []
    const restarted = service.restart()
    const stopped = service.stop()
    shim.exit('web:web', deathBy(15))
    expect([await restarted, await stopped, service.info().state]).toEqual([
      'abnormal-termination',
      'stopped',
      'stopped',
    ])
    expect(shim.spawned).toHaveLength(1)
  })

  test('a stop that waits ends with the process, also when a restart follows', async () => {
    const { service, shim, clock } = await startedService()
    shim.dieOn = []
    const stopped = service.stop()
    const restarted = service.restart()
    shim.exit('web:web', deathBy(15))
    expect(await stopped).toBe('stopped')
    await clock.advance(1000)
    expect(await restarted).toBe('started')
  })

  test('a command that is gone stops nothing', async () => {
    const { service } = await startedService()
    const broken = newService({ argv: ['/nope'] })
    expect(await broken.service.restart()).toMatchObject({ reason: 'no-file' })
    expect(service.isUp).toBe(true)
  })

  test('nothing is started again once the daemon stops', async () => {
    const { service, shim } = await startedService()
    shim.dieOn = []
    const restarted = service.restart()
    const down = service.shutDown()
    shim.exit('web:web', deathBy(15))
    await down
    expect([await restarted, service.info().state]).toEqual(['abnormal-termination', 'stopped'])
  })
})
