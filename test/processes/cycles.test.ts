// A thousand starts and stops with the real helper: memory and descriptors do not grow, and no process remains.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { EventBus } from '../../runtime/events/bus.ts'
import { openShim } from '../../runtime/shim/open.ts'
import { Supervisor } from '../../runtime/supervisor/supervisor.ts'
import { type Clock, systemClock } from '../../runtime/system/clock.ts'
import { RecordedLog, RecordedSink } from '../helpers/recorder.ts'
import { config, group, NO_STREAM, processSettings } from '../helpers/settings.ts'
import { eventually } from '../helpers/wait.ts'

const helper = fileURLToPath(new URL('../../dist/kahi-shim', import.meta.url))
const CYCLES = 1000
const WARM_UP = 20

/** A clock that counts its waiting timers. */
function countingClock(): Clock & { pending(): number } {
  const clock = systemClock()
  const waiting = new Set<object>()
  const after: Clock['after'] = (delayMs, fn) => {
    const key = {}
    waiting.add(key)
    const timer = clock.after(delayMs, () => {
      waiting.delete(key)
      fn()
    })
    const cancel = (): void => {
      waiting.delete(key)
      timer.cancel()
    }
    return { cancel }
  }
  return { ...clock, after, pending: () => waiting.size }
}

const count = (path: string): number => readdirSync(path).length

/** Children of a process, including zombies. */
function children(pid: number): string {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
}

test(`${CYCLES} starts and stops leave descriptors, threads, timers and slots as they were, and no zombie`, async ({
  skip,
}) => {
  if (!existsSync(helper)) skip('no native helper was built')
  const clock = countingClock()
  const built: { supervisor?: Supervisor } = {}
  const shim = await openShim({
    path: helper,
    events: {
      exited: (id, pid, status) => built.supervisor?.exited(id, pid, status),
      orphan: (pid, status) => built.supervisor?.orphan(pid, status),
      lost: () => {},
    },
  })
  const streams = { stdout: new RecordedSink(), stderr: new RecordedSink() }
  const parts = {
    shim,
    clock,
    log: new RecordedLog(),
    bus: new EventBus(() => {}),
    ownFormat: 'text' as const,
    daemonEnvironment: {},
  }
  const supervisor = new Supervisor({ ...parts, ...streams })
  built.supervisor = supervisor
  const out = { ...NO_STREAM, logfile: { kind: 'stdout', path: '/dev/stdout' } as const }
  // Alternately: a leader without children, and a group with a child that exits shortly after the leader.
  const argv = ['/bin/sh', '-c', 'sleep 98 & exec sleep 97']
  const settings = { startsecs: 0, stdout: out, stderr: out }
  const one = processSettings({ name: 'one', ...settings, argv: ['/bin/sleep', '97'] })
  const all = processSettings({ name: 'all', ...settings, argv, stopasgroup: true, killasgroup: true })
  await supervisor.apply(config([group('one', { processes: [one] }), group('all', { processes: [all] })]))
  const services = supervisor.services()
  const cycle = async () => {
    for (const service of services) {
      expect(await service.stop()).toBe('stopped')
      expect(await service.start()).toBe('started')
    }
  }
  const reaper = shim.reaper ?? 0
  const measure = async () => {
    for (const service of services) await service.stop()
    return {
      descriptors: count('/proc/self/fd'),
      threads: count('/proc/self/task'),
      ofHelper: [count(`/proc/${reaper}/fd`), count(`/proc/${reaper}/task`)],
      timers: clock.pending(),
      children: children(reaper),
    }
  }
  for (let done = 0; done < WARM_UP; done += services.length) await cycle()
  const first = await measure()
  for (const service of services) await service.start()
  for (let done = 0; done < CYCLES; done += services.length) await cycle()
  // the count of processes that the kernel handed over is written a second later
  await eventually(() => clock.pending() === 0, 'the last line about ended processes')
  expect(await measure()).toEqual(first)
  expect(first).toMatchObject({ timers: 0, children: '' })
  await supervisor.shutdown()
  await shim.close()
})
