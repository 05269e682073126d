// A service with a fake shim and the fake clock: the states and texts that users of supervisord see.

import { afterEach, describe, expect, test, vi } from 'vitest'
import type { StartOutcome } from '../../../runtime/service/context.ts'
import { SpawnError } from '../../../runtime/shim/shim.ts'
import { settle } from '../../helpers/fake-clock.ts'
import { deathBy, exitCode } from '../../helpers/fake-shim.ts'
import { processSettings } from '../../helpers/settings.ts'
import { newService, startedService } from './harness.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('start', () => {
  test('resolves when startsecs have passed', async () => {
    const { service, clock, events, log } = newService()
    let outcome: StartOutcome | '' = ''
    void service.start().then((value) => {
      outcome = value
    })
    await clock.advance(999)
    expect([outcome, service.info().state]).toEqual(['', 'starting'])
    await clock.advance(1)
    expect([outcome, service.info().state]).toEqual(['started', 'running'])
    expect(events).toEqual(['web stopped>starting', 'web starting>running pid 100'])
    expect(log.lines).toEqual([
      "info spawned: 'web' with pid 100",
      'info success: web entered RUNNING state, process has stayed up for > than 1 seconds (startsecs)',
    ])
  })

  test('asks the shim for what is configured', async () => {
    const { shim } = await startedService({
      directory: '/srv',
      umask: 0o77,
      environment: { A: '1' },
      serverurl: 'http://x',
    })
    expect(shim.spawned[0]).toMatchObject({
      id: 'web:web',
      file: '/bin/sleep',
      argv: ['/bin/sleep', '99'],
      directory: '/srv',
      umask: 0o77,
      isolation: 'process-group',
      stdin: 'pipe',
      environment: { A: '1', PATH: '/bin', SUPERVISOR_SERVER_URL: 'http://x', SUPERVISOR_PROCESS_NAME: 'web' },
    })
  })

  test.each([
    ['a missing command', ['/nope'], 'no-file'],
    ['a directory', ['/tmp'], 'not-executable'],
    ['no words', [], 'not-executable'],
  ] as const)('%s is refused before anything happens', async (_, argv, outcome) => {
    const { service, events } = newService({ argv })
    expect(await service.start()).toMatchObject({ reason: outcome })
    expect(events).toEqual([])
  })

  test('a process that is up is already started', async () => {
    const { service } = await startedService()
    expect(await service.start()).toBe('already-started')
  })

  test('a failure in the child is a spawn error with its step', async () => {
    const { service, shim, clock, log } = newService({ directory: '/gone', startretries: 0 })
    shim.spawnError = new SpawnError('chdir', 'ENOENT')
    expect(await service.start()).toBe('spawn-error')
    await clock.advance(0)
    expect(service.info()).toMatchObject({ state: 'fatal', description: "couldn't chdir to /gone: ENOENT" })
    expect(log.lines).toEqual([
      "info spawnerr: couldn't chdir to /gone: ENOENT",
      'info gave up: web entered FATAL state, too many start retries too quickly',
    ])
  })

  test('a process that ends before its spawn was answered is not lost', async () => {
    const { service, shim } = newService()
    shim.delay()
    const outcome = service.start()
    await settle()
    service.exited(100, exitCode(3))
    shim.release()
    expect(await outcome).toBe('spawn-error')
    expect(service.info()).toMatchObject({ state: 'backoff', spawnError: expect.stringContaining('too quickly') })
  })

  test('a log file that cannot be opened is a spawn error', async () => {
    const { service } = newService({ stdout: { ...processSettings().stdout, logfile: { kind: 'auto' } } })
    expect(await service.start()).toBe('spawn-error')
    expect(service.info().spawnError).toBe("unknown error making dispatchers for 'web': ENOENT")
  })
})

describe('failing', () => {
  test('startretries + 1 attempts with pauses of 1, 2, 3 seconds, then FATAL', async () => {
    const { service, shim, clock, events } = newService({ startretries: 3 })
    const starts: number[] = []
    const spawn = shim.spawn.bind(shim)
    shim.spawn = (request) => {
      starts.push(clock.nowMs())
      setImmediate(() => shim.exit('web:web', exitCode(1)))
      return spawn(request)
    }
    service.startWithoutWaiting()
    await settle()
    await clock.advance(20_000)
    expect(starts).toEqual([0, 1000, 3000, 6000])
    expect(service.info().state).toBe('fatal')
    expect(events.at(-1)).toBe('web backoff>fatal')
    expect(clock.pending).toBe(0)
  })

  test('a program killed after it was RUNNING comes back at once', async () => {
    const { shim, service, clock } = await startedService()
    shim.exit('web:web', deathBy(9))
    await settle()
    expect(shim.spawned).toHaveLength(2)
    await clock.advance(1000)
    expect(service.info()).toMatchObject({ state: 'running', pid: 101, exitStatus: 0, spawnError: '' })
  })

  test('a program that ends at once with startsecs 0 runs once a second', async () => {
    const { shim, service, clock } = newService({ startsecs: 0, autorestart: 'true' })
    const spawn = shim.spawn.bind(shim)
    shim.spawn = (request) => {
      setImmediate(() => shim.exit('web:web', exitCode(0)))
      return spawn(request)
    }
    service.startWithoutWaiting()
    await settle()
    await clock.advance(4500)
    expect(shim.spawned).toHaveLength(5)
  })
})

describe('stop', () => {
  test('resolves when the process has ended', async () => {
    const { service, log, events, clock } = await startedService()
    expect(await service.stop()).toBe('stopped')
    expect(log.lines.slice(2)).toEqual([
      'debug killing web (pid 100) with signal SIGTERM',
      'info waiting for web to stop',
      'warn stopped: web (terminated by SIGTERM)',
    ])
    expect(events.slice(2)).toEqual(['web running>stopping pid 100', 'web stopping>stopped pid 100'])
    await clock.advance(0)
    expect(clock.pending).toBe(0)
  })

  test('kills after stopwaitsecs, again and again', async () => {
    const { service, shim, clock, log } = await startedService({ stopwaitsecs: 3 })
    shim.dieOn = []
    const outcome = service.stop()
    await clock.advance(6500)
    expect(shim.signals.map(({ signal }) => signal)).toEqual([15, 9, 9])
    expect(log.lines.filter((line) => line === 'info waiting for web to stop')).toHaveLength(4)
    shim.exit('web:web', deathBy(9))
    expect(await outcome).toBe('stopped')
    expect(service.info()).toMatchObject({ state: 'stopped', pid: 0, exitStatus: -1 })
  })

  test('is honoured while the spawn is pending', async () => {
    const { service, shim, events } = newService()
    shim.delay()
    const start = service.start()
    const stop = service.stop()
    await settle()
    expect(service.info()).toMatchObject({ state: 'starting', pid: 0 })
    shim.release()
    expect(await stop).toBe('stopped')
    expect(await start).toBe('abnormal-termination')
    expect(events).toEqual(['web stopped>starting', 'web starting>stopping pid 100', 'web stopping>stopped pid 100'])
  })

  test('a start request meanwhile is refused', async () => {
    const { service, shim, log } = await startedService()
    shim.dieOn = []
    void service.stop()
    expect(await service.start()).toBe('abnormal-termination')
    expect(log.lines.at(-1)).toBe("warn process 'web' already running")
  })

  test.each(['stopped', 'fatal'])('%s is not running', async (state) => {
    const { service, shim } = newService({ startretries: 0 })
    shim.spawnError = new SpawnError('exec', 'ENOEXEC')
    if (state === 'fatal') await service.start()
    expect(service.info().state).toBe(state)
    expect(await service.stop()).toBe('not-running')
  })

  test('from BACKOFF before anything ran: the epoch is shown, as supervisord does', async () => {
    vi.stubEnv('TZ', 'UTC')
    const { service, shim, clock } = newService()
    shim.spawnError = new SpawnError('exec', 'ENOEXEC')
    service.startWithoutWaiting()
    await clock.advance(0)
    expect(service.info()).toMatchObject({ state: 'backoff', description: "couldn't exec /bin/sleep: ENOEXEC" })
    expect(await service.stop()).toBe('stopped')
    expect(service.info().description).toBe('Jan 01 12:00 AM')
  })

  test('a signal that is refused makes the process UNKNOWN', async () => {
    const { service, shim } = await startedService()
    shim.killError = Object.assign(new Error('no'), { code: 'EPERM' })
    expect(await service.stop()).toBe('stopped')
    expect(service.info()).toMatchObject({ state: 'unknown', pid: 0, description: '' })
  })
})

describe('info and signal', () => {
  test('describes a process as status shows it', async () => {
    vi.stubEnv('TZ', 'UTC')
    const { service, clock } = newService()
    expect(service.info().description).toBe('Not started')
    service.startWithoutWaiting()
    await clock.advance(500)
    expect(service.info().description).toBe('')
    await clock.advance(86_400_000 + 3_661_000)
    expect(service.info().description).toBe('pid 100, uptime 1 day, 1:01:01')
    await service.stop()
    expect(service.info().description).toBe('Nov 22 02:51 AM')
  })

  test('sends a signal to the process alone', async () => {
    const { service, shim } = await startedService({ stopasgroup: true, killasgroup: true })
    expect(await service.signal(1)).toBe('signalled')
    expect(shim.signals).toEqual([{ pid: 100, signal: 1, target: 'process' }])
    shim.killError = new Error('EPERM')
    expect(await service.signal(1)).toBe('failed')
  })

  test('no process, no signal', async () => {
    expect(await newService().service.signal(1)).toBe('not-running')
  })

  test('a stream without a log file has no log', () => {
    expect(newService().service.log('stdout')).toBeUndefined()
  })
})
