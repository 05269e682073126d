// `kahi graph` and `kahi plan` on the corpus of s6-rc trees, compared with results of the real s6-rc-compile and s6-rc.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi } from '../helpers/kahi.ts'
import { SHARED } from '../helpers/oracle.ts'

interface Golden {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly type: string
        readonly dependencies: readonly string[]
        readonly allDependencies: readonly string[]
        readonly requiredBy: readonly string[]
        readonly timeoutUp: number
        readonly timeoutDown: number
        readonly essential: boolean
        readonly notificationFd?: number
        readonly producerFor?: string
        readonly consumerFor?: readonly string[]
        readonly pipelineName?: string
      }
    >
  >
  readonly bundles: Readonly<Record<string, { readonly contents: readonly string[] }>>
  readonly startAll: readonly string[]
  readonly stopAll: readonly string[]
}

interface Shown {
  readonly services: readonly {
    readonly name: string
    readonly type: string
    readonly dependencies: readonly string[]
    readonly allDependencies: readonly string[]
    readonly producerFor: string | null
    readonly consumerFor: readonly string[]
    readonly essential: boolean
    readonly ready: boolean
    readonly timeouts: { readonly up: number; readonly down: number }
  }[]
  readonly bundles: readonly { readonly name: string; readonly contents: readonly string[] }[]
}

const CORPUS = join(SHARED, 'corpus/s6')
const trees = existsSync(CORPUS)
  ? readdirSync(CORPUS).filter((name) => existsSync(join(CORPUS, name, 'graph.json')))
  : []
const own = (names: readonly string[]) => names.filter((name) => !name.startsWith('s6rc-')).sort()

function expected({ services, bundles }: Golden) {
  const facts = Object.entries(services).map(([name, one]) => ({
    name,
    type: one.type,
    dependencies: own(one.dependencies),
    allDependencies: own(one.allDependencies),
    producerFor: one.producerFor ?? null,
    consumerFor: own(one.consumerFor ?? []),
    essential: one.essential,
    ready: one.notificationFd !== undefined,
    timeouts: { up: one.timeoutUp / 1000, down: one.timeoutDown / 1000 },
  }))
  const visible = facts.filter(({ name }) => !name.startsWith('s6rc-')).sort((a, b) => (a.name < b.name ? -1 : 1))
  const contents = Object.entries(bundles).map(([name, one]) => [name, own(one.contents)] as const)
  return { services: visible, bundles: Object.fromEntries(contents) }
}

function given({ services, bundles }: Shown) {
  const facts = services.map((one) => {
    const { name, type, essential, ready, timeouts, producerFor } = one
    const lists = { dependencies: one.dependencies, allDependencies: one.allDependencies, consumerFor: one.consumerFor }
    const sorted = Object.entries(lists).map(([key, names]) => [key, [...names].sort()] as const)
    return { name, type, essential, ready, timeouts, producerFor, ...Object.fromEntries(sorted) }
  })
  const contents = bundles.map(({ name, contents: list }) => [name, [...list].sort()] as const)
  return { services: facts.toSorted((a, b) => (a.name < b.name ? -1 : 1)), bundles: Object.fromEntries(contents) }
}

/** The name → its line. */
async function rounds(tree: string, ...words: string[]): Promise<ReadonlyMap<string, number>> {
  const { stdout } = await kahi(['plan', '-c', tree, ...words])
  const lines = stdout.trimEnd().split('\n')
  const names = (line: string) =>
    line
      .replace(/^\d+\. \w+ /, '')
      .replaceAll(/ \(after [^)]*\)/g, '')
      .split(', ')
  return new Map(lines.flatMap((line, index) => names(line).map((name) => [name, index] as const)))
}

test.skipIf(trees.length === 0).each(trees.length === 0 ? ['no corpus beside this checkout'] : trees)(
  '%s: services, types, needs, pipelines, flags, time limits and bundles are equal, and nothing is launched too early (skipped without the shared corpus)',
  async (name) => {
    const tree = join(CORPUS, name, 's6-rc.d')
    const golden: Golden = JSON.parse(readFileSync(join(CORPUS, name, 'graph.json'), 'utf8'))
    const shown: Shown = JSON.parse((await kahi(['graph', '--format', 'json', tree])).stdout)
    expect(given(shown)).toEqual(expected(golden))
    expect(shown.services.filter((one) => one.name.startsWith('s6rc-'))).toEqual([])
    for (const [producer, { producerFor }] of Object.entries(golden.services)) {
      if (producerFor === undefined) continue
      const { pipelineName } = golden.services[producerFor] ?? {}
      if (pipelineName !== undefined) expect(given(shown).bundles[pipelineName]).toContain(producer)
    }
    const started = own(golden.startAll)
    const up = await rounds(tree, ...started)
    expect([...up.keys()].sort()).toEqual(started)
    const down = await rounds(tree, '--down', ...started)
    expect([...down.keys()].sort()).toEqual(own(golden.stopAll))
    for (const one of started) {
      const { dependencies = [], requiredBy = [] } = golden.services[one] ?? {}
      for (const need of own(dependencies)) expect(up.get(need), `${one} after ${need}`).toBeLessThan(up.get(one) ?? -1)
      for (const above of own(requiredBy))
        expect(down.get(above), `${one} down after ${above}`).toBeLessThan(down.get(one) ?? -1)
    }
    // the real start orders are valid orders of kahi's graph
    for (const { name: one, dependencies } of shown.services)
      for (const need of dependencies) {
        expect(golden.startAll.indexOf(need)).toBeLessThan(golden.startAll.indexOf(one))
        expect(golden.stopAll.indexOf(need)).toBeGreaterThan(golden.stopAll.indexOf(one))
      }
  },
)
