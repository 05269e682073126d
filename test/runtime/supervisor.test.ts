// The set of services: start order, reload by difference, ordered shutdown, and SIGKILL after a second request.

import { describe, expect, test } from 'vitest'
import { settle } from '../helpers/fake-clock.ts'
import { deathBy, exitCode } from '../helpers/fake-shim.ts'
import { harness, running, states } from '../helpers/supervisor.ts'
import { config, group, processSettings } from '../helpers/settings.ts'

describe('the first apply', () => {
  test('starts what has autostart in start order and does not wait', async () => {
    const { shim, supervisor, events } = harness()
    const silent = group('quiet', { processes: [processSettings({ name: 'quiet', autostart: false })] })
    const changes = await supervisor.apply(config([group('b', { priority: 1 }), group('a', { priority: 2 }), silent]))
    expect(changes).toEqual({ added: ['b', 'a', 'quiet'], removed: [], changed: [], unchanged: [] })
    expect(shim.spawned.map(({ id }) => id)).toEqual(['b:b', 'a:a'])
    expect(events.slice(0, 5)).toEqual([
      'group-added b',
      'group-added a',
      'group-added quiet',
      'supervisor running',
      'b stopped>starting',
    ])
    await settle()
    expect(states(supervisor)).toEqual(['a:a starting', 'b:b starting', 'quiet:quiet stopped'])
  })

  test('never runs a shadowed group', async () => {
    const { shim, supervisor } = await running([group('a'), group('a', { shadowed: true, processes: [] })])
    expect(shim.spawned).toHaveLength(1)
    expect(supervisor.group('a')).toHaveLength(1)
  })

  test('finds groups and processes', async () => {
    const members = [
      processSettings({ name: 'x', group: 'g', priority: 9 }),
      processSettings({ name: 'y', group: 'g', priority: 1 }),
    ]
    const { supervisor, shim } = await running([group('g', { processes: members })])
    expect(shim.spawned.map(({ id }) => id)).toEqual(['g:x', 'g:y'])
    expect(supervisor.group('g')?.map(({ name }) => name)).toEqual(['y', 'x'])
    expect(supervisor.find('g', 'x')?.name).toBe('x')
    expect([supervisor.find('g', 'z'), supervisor.group('h')]).toEqual([undefined, undefined])
  })

  test('tells of orphans', async () => {
    const { supervisor, log } = harness()
    supervisor.orphan(42, exitCode(3))
    supervisor.orphan(43, deathBy(9))
    expect(log.lines).toEqual([
      'info reaped unknown pid 42 (exit status 3)',
      'info reaped unknown pid 43 (terminated by SIGKILL)',
    ])
  })

  test('counts orphans that come by the hundred', async () => {
    const { supervisor, log, clock } = harness()
    for (let pid = 100; pid < 400; pid += 1) supervisor.orphan(pid, exitCode(0))
    expect(log.lines).toHaveLength(20)
    await clock.advance(1000)
    expect(log.lines.slice(20)).toEqual(['info reaped 280 more unknown pids'])
    supervisor.orphan(400, exitCode(0))
    expect(log.lines.at(-1)).toBe('info reaped unknown pid 400 (exit status 0)')
  })
})

describe('a reload', () => {
  test('touches only what differs', async () => {
    const { supervisor, shim, events } = await running([group('a'), group('b'), group('c')])
    await supervisor.find('a', 'a')?.stop()
    const changed = group('b', { processes: [processSettings({ name: 'b', umask: 0o77 })] })
    const changes = await supervisor.apply(config([group('a'), changed, group('d')]))
    expect(changes).toEqual({
      added: ['d'],
      removed: ['c'],
      changed: [{ name: 'b', keys: ['umask'], kept: [] }],
      unchanged: ['a'],
    })
    await settle()
    expect(states(supervisor)).toEqual(['a:a stopped', 'b:b starting', 'd:d starting'])
    expect(shim.spawned.map(({ id }) => id).slice(3)).toEqual(['b:b', 'd:d'])
    expect([...shim.forgotten].sort()).toEqual(['b:b', 'c:c'])
    expect(events).toContain('group-removed c')
  })

  test('a process of a group that is leaving cannot be started again', async () => {
    const { supervisor, shim } = await running([group('a'), group('b')])
    shim.dieOn = []
    const old = supervisor.find('a', 'a')
    const reload = supervisor.apply(config([group('b')]))
    await settle()
    shim.exit('a:a', deathBy(15))
    expect(await old?.start()).toBe('abnormal-termination')
    await reload
    expect(states(supervisor)).toEqual(['b:b running'])
  })

  test('ends early when the daemon begins to stop', async () => {
    const { supervisor, shim } = await running([group('a')])
    shim.dieOn = []
    const reload = supervisor.apply(config([group('z')]))
    await settle()
    const end = supervisor.shutdown()
    shim.exit('a:a', deathBy(15))
    await Promise.all([reload, end])
    expect(shim.spawned.map(({ id }) => id)).toEqual(['a:a'])
  })
})

describe('shutdown', () => {
  const groups = [group('a', { priority: 1 }), group('b', { priority: 5 }), group('c', { priority: 9 })]

  test('goes group by group from the highest priority down and ends with the last process', async () => {
    const { supervisor, shim, clock, log } = await running(groups)
    shim.dieOn = []
    const done = supervisor.shutdown()
    expect(supervisor.phase).toBe('stopping')
    for (const id of ['c:c', 'b:b', 'a:a']) {
      await settle()
      expect(shim.signals.at(-1)).toEqual({ pid: shim.live.get(id), signal: 15, target: 'process' })
      shim.exit(id, exitCode(0))
    }
    await done
    expect(shim.signals).toHaveLength(3)
    expect(clock.pending).toBe(0)
    expect(log.lines.filter((line) => line.includes('to die'))).toEqual(['info waiting for a, b, c to die'])
  })

  test('a listener is stopped when it has answered its events, or after a second', async () => {
    const answers = new Map<string, () => void>()
    const none = (): undefined => undefined
    const desk = { add: none, remove: none, connect: none, said: none, note: none, resume: none }
    const heard = (name: string): Promise<void> => new Promise((resolve) => answers.set(name, resolve))
    const { supervisor, shim, clock } = harness({ ...desk, heard })
    await supervisor.apply(config([group('prompt'), group('stuck')]))
    await clock.advance(1500)
    const prompt = shim.live.get('prompt:prompt')
    const done = supervisor.shutdown()
    await settle()
    expect(shim.signals).toEqual([])
    answers.get('prompt')?.()
    await settle()
    expect(shim.signals.map(({ pid }) => pid)).toEqual([prompt])
    await clock.advance(1000)
    await done
    expect(states(supervisor)).toEqual(['prompt:prompt stopped', 'stuck:stuck stopped'])
  })

  test('groups of equal priority stop at the same time: a stuck one delays only what comes after it', async () => {
    const names = ['a', 'b', 'c', 'd']
    const { supervisor, shim } = await running(names.map((name) => group(name, { priority: name === 'a' ? 1 : 5 })))
    shim.dieOn = []
    const pids = names.map((name) => shim.live.get(`${name}:${name}`))
    const done = supervisor.shutdown()
    await settle()
    expect(shim.signals.map(({ pid }) => pid)).toEqual([pids[3], pids[2], pids[1]])
    shim.exit('d:d', exitCode(0))
    shim.exit('b:b', exitCode(0))
    await settle()
    expect(states(supervisor)).toEqual(['a:a running', 'b:b stopped', 'c:c stopping', 'd:d stopped'])
    shim.exit('c:c', exitCode(0))
    await settle()
    shim.exit('a:a', exitCode(0))
    await done
  })

  test('names those that are left every three seconds', async () => {
    const { supervisor, shim, clock, log } = await running(groups)
    shim.dieOn = [9]
    const done = supervisor.shutdown()
    await clock.advance(30_000)
    await done
    expect(log.lines.filter((line) => line.includes('to die')).slice(0, 5)).toEqual([
      'info waiting for a, b, c to die',
      'info waiting for a, b, c to die',
      'info waiting for a, b, c to die',
      'info waiting for a, b, c to die',
      'info waiting for a, b to die',
    ])
  })

  test('nothing restarts meanwhile, and BACKOFF becomes FATAL', async () => {
    const { supervisor, shim, events, clock } = harness()
    await supervisor.apply(config(groups))
    await settle()
    shim.exit('b:b', exitCode(1))
    shim.dieOn = []
    const done = supervisor.shutdown()
    await clock.advance(5000)
    shim.exit('a:a', deathBy(9))
    expect(supervisor.find('a', 'a')?.info().state).toBe('exited')
    expect(supervisor.find('b', 'b')?.info().state).toBe('backoff')
    shim.exit('c:c', exitCode(0))
    await done
    expect(states(supervisor)).toEqual(['a:a exited', 'b:b fatal', 'c:c stopped'])
    expect(events).toContain('supervisor stopping')
    expect(shim.spawned).toHaveLength(3)
  })

  test('a second request kills everything at once', async () => {
    const { supervisor, shim } = await running(groups)
    shim.dieOn = [9]
    const done = supervisor.shutdown()
    await settle()
    supervisor.kill()
    await done
    expect(shim.live.size).toBe(0)
    expect(shim.signals.filter(({ signal }) => signal === 9)).toHaveLength(3)
    expect(shim.signals.every(({ signal, target }) => signal !== 9 || target === 'group')).toBe(true)
  })

  test('shutdown_timeout kills what is left', async () => {
    const { supervisor, shim, clock } = await running(groups, { shutdown_timeout: 2 })
    shim.dieOn = [9]
    const done = supervisor.shutdown()
    await clock.advance(2000)
    await done
    expect(clock.nowMs()).toBe(3500)
  })

  test('with nothing to stop it ends at once', async () => {
    await harness().supervisor.shutdown()
  })

  test('apply after it changes nothing', async () => {
    const { supervisor, shim } = await running([])
    await supervisor.shutdown()
    await supervisor.apply(config(groups))
    expect(shim.spawned).toEqual([])
  })
})
