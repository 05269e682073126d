// Rules about the order of units, on random graphs, with units that take time to start and to stop.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createGraph } from '../../../config/graph/graph.ts'
import { formatPlan, planStart, planStop } from '../../../runtime/plan/plan.ts'
import { Supervisor } from '../../../runtime/supervisor/supervisor.ts'
import { EventBus } from '../../../runtime/events/bus.ts'
import { FakeClock, settle } from '../../helpers/fake-clock.ts'
import { deathBy, FakeShim } from '../../helpers/fake-shim.ts'
import { RecordedLog, RecordedSink } from '../../helpers/recorder.ts'
import { config, group, processSettings } from '../../helpers/settings.ts'

/** Process n needs some of the processes before it. Each process has a priority. */
interface Node {
  readonly needs: readonly number[]
  readonly priority: number
}

function groupsOf(nodes: readonly Node[]) {
  return nodes.map(({ needs, priority }, index) => {
    const name = `p${index}`
    const names = [...new Set(needs.map((need) => need % Math.max(index, 1)))].filter((need) => need < index)
    const depends_on = names.map((need) => ({ name: `p${need}`, reached: undefined }))
    return group(name, { priority, processes: [processSettings({ name, depends_on, startsecs: 0 })] })
  })
}

function daemon(nodes: readonly Node[]) {
  const shim = new FakeShim()
  const clock = new FakeClock()
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
  shim.onExit = (id, pid, status) => supervisor.exited(id, pid, status)
  const wanted = config(groupsOf(nodes))
  return { shim, clock, supervisor, wanted, needs: wanted.graph.needs }
}

const nodes = (most: number) =>
  fc.array(fc.record({ needs: fc.array(fc.nat(most), { maxLength: 4 }), priority: fc.integer({ min: 1, max: 4 }) }), {
    minLength: 1,
    maxLength: most,
  })

describe('laws', () => {
  test('nothing starts before what it needs; nothing stops before those that need it', async () => {
    await fc.assert(
      fc.asyncProperty(nodes(30), async (graph) => {
        const { shim, supervisor, wanted, needs } = daemon(graph)
        shim.dieOn = []
        await supervisor.apply(wanted)
        for (let round = 0; round <= graph.length && shim.spawned.length < graph.length; round += 1) await settle()
        const started = shim.spawned.map(({ id }) => id)
        expect(started.toSorted()).toEqual([...needs.keys()].sort())
        for (const [unit, list] of needs)
          for (const need of list) expect(started.indexOf(need.unit)).toBeLessThan(started.indexOf(unit))

        const over = supervisor.shutdown()
        const stopped: string[] = []
        while (shim.live.size > 0) {
          await settle()
          const told = [...shim.live].filter(([, pid]) => shim.signals.some((sent) => sent.pid === pid))
          expect(told).not.toEqual([])
          for (const [id] of told)
            for (const [unit, list] of needs)
              if (list.some((need) => need.unit === id)) expect(shim.live.has(unit)).toBe(false)
          for (const [id] of told.slice(0, 1)) {
            stopped.push(id)
            shim.exit(id, deathBy(15))
          }
        }
        await over
        for (const [unit, list] of needs)
          for (const need of list) expect(stopped.indexOf(need.unit)).toBeGreaterThan(stopped.indexOf(unit))
      }),
      { numRuns: 60 },
    )
  })

  test('a thousand in a chain, and a thousand that need the same, start and stop', async () => {
    for (const shape of [(index: number) => index - 1, () => 0]) {
      const graph = Array.from({ length: 1000 }, (_, index) => ({
        needs: index === 0 ? [] : [shape(index)],
        priority: 1,
      }))
      const { shim, supervisor, wanted } = daemon(graph)
      await supervisor.apply(wanted)
      while (shim.spawned.length < 1000) await settle()
      await supervisor.shutdown()
      expect(shim.live.size).toBe(0)
    }
  })
})

describe('plans', () => {
  const group3 = (name: string, needs: string, priority = 999) => {
    const depends_on = needs === '' ? [] : needs.split(' ').map((need) => ({ name: need, reached: undefined }))
    return group(name, { priority, processes: [processSettings({ name, depends_on, priority })] })
  }
  const groups = [group3('cache', ''), group3('db', ''), group3('app', 'db cache'), group3('web', 'app')]
  const graph = createGraph({ groups, oneshots: [], bundles: [] })

  test('of a start: what can be done at once is one line', () => {
    expect(formatPlan(planStart(graph, ['web:web']))).toEqual([
      '1. start cache, db',
      '2. start app (after db started, cache started)',
      '3. start web (after app started)',
    ])
  })

  test('of a stop: a priority counts where no dependency says otherwise', () => {
    const rank = (unit: string) => (unit === 'web:web' ? 1 : unit === 'cache:cache' ? 9 : 5)
    expect(formatPlan(planStop(graph, [...graph.needs.keys(), 'apart:apart'], rank))).toEqual([
      '1. stop apart',
      '2. stop web',
      '3. stop app (after web stopped)',
      '4. stop db (after app stopped), cache (after app stopped)',
    ])
  })

  test('priorities and dependencies that contradict make no circle', () => {
    const units = ['a:a', 'b:b', 'c:c']
    const tangled = createGraph({
      groups: [group3('a', 'b', 1), group3('c', '', 2), group3('b', '', 3)],
      oneshots: [],
      bundles: [],
    })
    const rank = (unit: string) => ({ 'a:a': 1, 'c:c': 2, 'b:b': 3 })[unit] ?? 0
    expect(formatPlan(planStop(tangled, units, rank))).toEqual([
      '1. stop c',
      '2. stop a',
      '3. stop b (after a stopped)',
    ])
  })
})

describe('restart', () => {
  const chain: readonly Node[] = [
    { needs: [], priority: 1 },
    { needs: [0], priority: 1 },
  ]

  test('one unit is restarted alone: its dependents keep running', async () => {
    const { shim, supervisor, wanted } = daemon(chain)
    await supervisor.apply(wanted)
    await settle()
    expect(await supervisor.restart({ group: 'p0', name: 'p0' })).toBe('started')
    expect(shim.spawned.map(({ id }) => id)).toEqual(['p0:p0', 'p1:p1', 'p0:p0'])
    expect(shim.signals).toHaveLength(1)
  })

  test('several stop and start in the order of the graph', async () => {
    const { shim, supervisor, wanted } = daemon(chain)
    await supervisor.apply(wanted)
    await settle()
    const pids = new Map([...shim.live].map(([id, pid]) => [pid, id]))
    const outcomes = supervisor.order.restart(['p0:p0', 'p1:p1'])
    expect(await Promise.all(outcomes.values())).toEqual(['started', 'started'])
    expect(shim.signals.map(({ pid }) => pids.get(pid))).toEqual(['p1:p1', 'p0:p0'])
    expect(shim.spawned.slice(2).map(({ id }) => id)).toEqual(['p0:p0', 'p1:p1'])
  })

  test('what it needs and lacks comes up first, while it still runs', async () => {
    const { shim, supervisor, wanted } = daemon(chain)
    await supervisor.apply(wanted)
    await settle()
    await supervisor.find('p0', 'p0')?.stop()
    shim.delay()
    const outcome = supervisor.restart({ group: 'p1', name: 'p1' })
    await settle()
    expect(supervisor.find('p1', 'p1')?.isUp).toBe(true)
    shim.release()
    expect(await outcome).toBe('started')
    expect(shim.spawned.slice(2).map(({ id }) => id)).toEqual(['p0:p0', 'p1:p1'])
  })

  test('a stop takes back what has not begun', async () => {
    const { shim, supervisor, wanted } = daemon(chain)
    await supervisor.apply(wanted)
    await settle()
    shim.dieOn = []
    const outcomes = [...supervisor.order.restart(['p0:p0', 'p1:p1']).values()]
    const stopped = supervisor.stop({ group: 'p0', name: 'p0' })
    shim.exit('p1:p1', deathBy(15))
    await settle()
    shim.exit('p0:p0', deathBy(15))
    expect(await Promise.all(outcomes)).toEqual(['abnormal-termination', 'abnormal-termination'])
    expect([await stopped, shim.spawned.length]).toEqual(['stopped', 2])
  })
})
