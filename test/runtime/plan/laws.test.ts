// Rules about the order of units, on random graphs whose units take random times, with the fake clock: the order of starts, the
// order of stops, and the total time. The seed is fixed, so a failure can be repeated.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createGraph, shortestCycle } from '../../../config/graph/graph.ts'
import type { Graph } from '../../../config/model/dependencies.ts'
import { EventBus } from '../../../runtime/events/bus.ts'
import { BootRecord } from '../../../runtime/supervisor/boot-record.ts'
import { planStart, planStop } from '../../../runtime/plan/plan.ts'
import { Sequencer } from '../../../runtime/supervisor/sequencer.ts'
import type { Unit } from '../../../runtime/service/unit.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { RecordedLog } from '../../helpers/recorder.ts'
import { group, processSettings } from '../../helpers/settings.ts'

const SEED = 20261121

/** Unit n needs some of the units before it, and takes some time to come up and to go down. */
interface Node {
  readonly needs: readonly number[]
  readonly upMs: number
  readonly downMs: number
}

const node = fc.record({
  needs: fc.array(fc.nat(1000), { maxLength: 4 }),
  upMs: fc.integer({ min: 1, max: 500 }),
  downMs: fc.integer({ min: 1, max: 500 }),
})
const nodes = (most: number) => fc.array(node, { minLength: 1, maxLength: most, size: 'max' })

function graphOf(list: readonly Node[]): Graph {
  const groups = list.map(({ needs }, index) => {
    const before = [...new Set(needs.map((need) => need % Math.max(1, index)))].filter((need) => need < index)
    const depends_on = before.map((need) => ({ name: `u${need}`, reached: 'ready' as const }))
    return group(`u${index}`, { processes: [processSettings({ name: `u${index}`, depends_on })] })
  })
  return createGraph({ groups, oneshots: [], bundles: [] })
}

/** A unit that only takes time. */
class Sleeper {
  readonly settings = processSettings()
  readonly id: string
  state: 'down' | 'coming' | 'up' | 'going' = 'down'
  readonly #world: World
  readonly #node: Node

  constructor(id: string, node: Node, world: World) {
    this.id = id
    this.#node = node
    this.#world = world
  }

  get isUp(): boolean {
    return this.state === 'coming' || this.state === 'up'
  }

  get isStopping(): boolean {
    return this.state === 'going'
  }

  standing() {
    const there = {
      up: 'there',
      coming: 'coming',
      down: { failed: 'is down' },
      going: { failed: 'goes down' },
    } as const
    return there[this.state]
  }

  info() {
    return { pid: this.state === 'down' ? 0 : 1 }
  }

  remember(): void {}

  startWithoutWaiting(): void {
    this.#become('coming')
    this.#world.clock.after(this.#node.upMs, () => this.#become('up'))
  }

  stop(): Promise<'stopped'> {
    this.#become('going')
    return new Promise((resolve) => {
      this.#world.clock.after(this.#node.downMs, () => {
        this.#become('down')
        resolve('stopped')
      })
    })
  }

  #become(state: Sleeper['state']): void {
    this.state = state
    this.#world.log.push({ id: this.id, state, atMs: this.#world.clock.nowMs() })
    this.#world.changed(this.id)
  }
}

interface World {
  readonly clock: FakeClock
  readonly log: { readonly id: string; readonly state: Sleeper['state']; readonly atMs: number }[]
  changed(id: string): void
}

function worldOf(list: readonly Node[]) {
  const clock = new FakeClock()
  const boot = new BootRecord(() => clock.nowMs())
  const graph = graphOf(list)
  const units = new Map<string, Sleeper>()
  const find = (id: string) => units.get(id) as unknown as Unit | undefined
  const rethrow = (error: unknown): never => {
    throw error
  }
  const sequencer = new Sequencer({ log: new RecordedLog(), bus: new EventBus(rethrow), clock, boot, find })
  const world: World = { clock, log: [], changed: (id) => sequencer.changed(id) }
  for (const [index, one] of list.entries())
    units.set(`u${index}:u${index}`, new Sleeper(`u${index}:u${index}`, one, world))
  sequencer.use(graph)
  return { ...world, graph, boot, sequencer, units: [...graph.needs.keys()] }
}

/** The total time of the longest chain of dependencies. */
function longestChain(
  list: readonly Node[],
  waits: (index: number) => readonly number[],
  timeOf: (one: Node) => number,
) {
  const ends = new Map<number, number>()
  const endOf = (index: number): number => {
    const known = ends.get(index)
    if (known !== undefined) return known
    const end = Math.max(0, ...waits(index).map(endOf)) + timeOf(list[index] as Node)
    ends.set(index, end)
    return end
  }
  return Math.max(...list.map((_, index) => endOf(index)))
}

const indexOf = (id: string): number => Number(/\d+$/.exec(id)?.[0])

async function checkLaws(list: readonly Node[]): Promise<void> {
  const { clock, log, graph, boot, sequencer, units } = worldOf(list)
  sequencer.start(units)
  await clock.advance(501 * list.length)
  const when = (state: Sleeper['state']) =>
    new Map(log.filter((one) => one.state === state).map(({ id, atMs }) => [id, atMs]))
  const [coming, up] = [when('coming'), when('up')]
  expect(up.size).toBe(list.length)
  for (const [unit, needs] of graph.needs)
    for (const need of needs) expect(up.get(need.unit)).toBeLessThanOrEqual(coming.get(unit) ?? -1)
  const needsOf = (index: number) => (graph.needs.get(`u${index}:u${index}`) ?? []).map(({ unit }) => indexOf(unit))
  const chain = longestChain(list, needsOf, ({ upMs }) => upMs)
  expect(Math.max(...up.values())).toBe(chain)
  const path = boot.criticalPath
  expect(path.reduce((sum, id) => sum + (list[indexOf(id)]?.upMs ?? 0), 0)).toBe(chain)

  const begunMs = clock.nowMs()
  const stops = sequencer.takeDown(units)
  await clock.advance(501 * list.length)
  await Promise.all(stops.values())
  const [going, down] = [when('going'), when('down')]
  expect(down.size).toBe(list.length)
  const dependents = new Map<number, number[]>(list.map((_, index) => [index, []]))
  for (const [unit, needs] of graph.needs)
    for (const need of needs) {
      expect(down.get(unit)).toBeLessThanOrEqual(going.get(need.unit) ?? -1)
      dependents.get(indexOf(need.unit))?.push(indexOf(unit))
    }
  const dependentsOf = (index: number) => dependents.get(index) ?? []
  expect(Math.max(...down.values()) - begunMs).toBe(longestChain(list, dependentsOf, ({ downMs }) => downMs))
}

describe('laws on random graphs', () => {
  test('nothing starts before what it needs or stops before what needs it, and all takes as long as the longest chain', async () => {
    await fc.assert(fc.asyncProperty(nodes(80), checkLaws), { seed: SEED, numRuns: 25 })
  })

  test('likewise with a thousand units', async () => {
    const list = fc.sample(fc.array(node, { minLength: 1000, maxLength: 1000 }), { seed: SEED, numRuns: 1 })[0] ?? []
    expect(list).toHaveLength(1000)
    await checkLaws(list)
  })

  test('a plan has each unit once, after what it needs and, backwards, after what needs it', () => {
    fc.assert(
      fc.property(nodes(1000), (list) => {
        const graph = graphOf(list)
        const units = [...graph.needs.keys()]
        const starts = new Map(planStart(graph, units).map(({ unit }, index) => [unit, index]))
        const stops = new Map(planStop(graph, units, () => 0).map(({ unit }, index) => [unit, index]))
        expect([starts.size, stops.size]).toEqual([list.length, list.length])
        for (const [unit, needs] of graph.needs)
          for (const need of needs) {
            if ((starts.get(need.unit) ?? 0) >= (starts.get(unit) ?? 0)) throw new Error(`${unit} too early`)
            if ((stops.get(need.unit) ?? 0) <= (stops.get(unit) ?? 0)) throw new Error(`${need.unit} down too early`)
          }
      }),
      { seed: SEED, numRuns: 15 },
    )
  })

  test('a circle is named by the shortest there is', () => {
    const edges = fc.array(fc.tuple(fc.nat(25), fc.nat(25)), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(edges, (pairs) => {
        const needs = new Map(
          Array.from({ length: 26 }, (_, unit) => [
            `u:${unit}`,
            pairs.filter(([from]) => from === unit).map(([, to]) => ({ unit: `u:${to}`, reached: 'ready' as const })),
          ]),
        )
        const cycle = shortestCycle({ needs, names: new Map() })
        expect(cycle?.length).toBe(girth(needs))
        for (const [index, unit] of (cycle ?? []).entries()) {
          const next = cycle?.[(index + 1) % cycle.length]
          expect(needs.get(unit)?.some((need) => need.unit === next)).toBe(true)
        }
      }),
      { seed: SEED, numRuns: 300 },
    )
  })
})

/** The length of the shortest circle, computed by powers of the relation; undefined without a circle. */
function girth(needs: ReadonlyMap<string, readonly { readonly unit: string }[]>): number | undefined {
  let reached = new Map([...needs].map(([unit, list]) => [unit, new Set(list.map((need) => need.unit))]))
  for (let length = 1; length <= needs.size; length += 1) {
    if ([...reached].some(([unit, others]) => others.has(unit))) return length
    const further = [...reached].map(([unit, others]) => {
      const next = [...others].flatMap((other) => (needs.get(other) ?? []).map((need) => need.unit))
      return [unit, new Set(next)] as const
    })
    reached = new Map(further)
  }
  return undefined
}
