// s6-rc and kahi read the same services, types, dependencies, bundles and timeouts from a tree. For the corpus the test uses stored
// facts of the real s6-rc-compile. If s6-rc is installed, the test also runs it on the corpus and on the fixtures.

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Config } from '../../config/settings/config.ts'
import { resolveDocument } from '../../config/resolve/resolve.ts'
import { convert } from '../helpers/convert.ts'
import { testMachine } from '../helpers/machine.ts'
import { SHARED } from '../helpers/oracle.ts'

/** The compared facts of a service or bundle. Lists are sorted and do not contain s6-rc's own services. */
interface Facts {
  readonly services: Readonly<Record<string, Service>>
  readonly bundles: Readonly<Record<string, readonly string[]>>
}

interface Service {
  readonly type: string
  readonly dependencies: readonly string[]
  readonly allDependencies: readonly string[]
  /** Seconds; of oneshots. */
  readonly timeouts: readonly number[] | undefined
}

const CORPUS = join(SHARED, 'corpus/s6')
const FIXTURES = join(import.meta.dirname, '../../fixtures/s6-rc')
const corpus = existsSync(CORPUS) ? readdirSync(CORPUS).filter((name) => name !== 'index.tsv') : []
const fixtures = readdirSync(FIXTURES)
const hasS6Rc = spawnSync('s6-rc-db', ['help']).error === undefined
const machine = testMachine()

const tidy = (names: readonly string[]): string[] =>
  [...new Set(names)].filter((name) => !name.startsWith('s6rc-')).sort()

function ours(path: string, bases: readonly string[] = []): Facts {
  const { document } = convert(path, machine, { bases })
  const config = resolveDocument(document, machine, { assumeImage: true }).config
  const needs = new Map([...config.graph.needs].map(([id, list]) => [nameOf(id), list.map(({ unit }) => nameOf(unit))]))
  const closure = (name: string): string[] => (needs.get(name) ?? []).flatMap((one) => [one, ...closure(one)])
  const services = [...needs].map(([name, direct]) => {
    const { type, timeouts } = describeUnit(config, name)
    return [name, { type, dependencies: tidy(direct), allDependencies: tidy(closure(name)), timeouts }] as const
  })
  const bundles = document.tables.filter(({ kind }) => kind === 'bundles')
  const contents = bundles.map(({ name }) => [name, tidy((config.graph.names.get(name) ?? []).map(nameOf))] as const)
  return { services: Object.fromEntries(services), bundles: Object.fromEntries(contents) }
}

function nameOf(id: string): string {
  return id.slice(id.indexOf(':') + 1)
}

function describeUnit({ oneshots }: Config, name: string): Pick<Service, 'type' | 'timeouts'> {
  const oneshot = oneshots.find((one) => one.name === name)
  if (oneshot === undefined) return { type: 'longrun', timeouts: undefined }
  return { type: 'oneshot', timeouts: [oneshot.timeout_up, oneshot.timeout_down] }
}

describe('the corpus', () => {
  test.skipIf(corpus.length === 0)(
    'is what the real s6-rc-compile said of it (skipped without the shared corpus)',
    () => {
      for (const name of corpus) {
        const said = JSON.parse(readFileSync(join(CORPUS, name, 'graph.json'), 'utf8')) as GoldenGraph
        expect(said.ok).toBe(true)
        const services = Object.entries(said.services).filter(([one]) => !one.startsWith('s6rc-'))
        const facts = services.map(([one, { type, dependencies, allDependencies, timeoutUp, timeoutDown }]) => {
          const timeouts = type === 'oneshot' ? [timeoutUp / 1000, timeoutDown / 1000] : undefined
          return [
            one,
            { type, dependencies: tidy(dependencies), allDependencies: tidy(allDependencies), timeouts },
          ] as const
        })
        const bundles = Object.entries(said.bundles).map(([one, { contents }]) => [one, tidy(contents)] as const)
        const expected: Facts = { services: Object.fromEntries(facts), bundles: Object.fromEntries(bundles) }
        expect(ours(join(CORPUS, name, 's6-rc.d')), name).toEqual(expected)
      }
      console.log(`${corpus.length} trees of the corpus: all equal`)
    },
  )
})

interface GoldenGraph {
  readonly ok: boolean
  readonly services: Readonly<
    Record<
      string,
      {
        readonly type: string
        readonly dependencies: readonly string[]
        readonly allDependencies: readonly string[]
        readonly timeoutUp: number
        readonly timeoutDown: number
      }
    >
  >
  readonly bundles: Readonly<Record<string, { readonly contents: readonly string[] }>>
}

describe('the real s6-rc', () => {
  test.skipIf(!hasS6Rc)('says the same of fixtures and corpus (skipped without s6-rc)', () => {
    const trees = [
      ...fixtures.map((name) => ({ name, path: join(FIXTURES, name, 'input'), base: join(FIXTURES, name, 'base') })),
      ...corpus.map((name) => ({ name, path: join(CORPUS, name, 's6-rc.d'), base: '' })),
    ]
    for (const { name, path, base } of trees) {
      const bases = base !== '' && existsSync(base) ? [base] : []
      const facts = ours(path, bases)
      expect(facts, name).toEqual(theirs([...bases, path], facts))
    }
    console.log(`${trees.length} trees compiled by s6-rc-compile: all equal`)
  })
})

/** As s6-rc sees the layers joined, with what s6-overlay would add to them. */
function theirs(layers: readonly string[], { services, bundles }: Facts): Facts {
  const work = mkdtempSync(join(tmpdir(), 'kahi-s6-rc-'))
  const tree = join(work, 'source')
  for (const layer of layers) cpSync(layer, tree, { recursive: true })
  if ('top' in bundles) addOverlay(tree)
  const compiled = spawnSync('s6-rc-compile', [join(work, 'compiled'), tree], { encoding: 'utf8' })
  expect(compiled.status, compiled.stderr).toBe(0)
  const ask = (...words: string[]): string[] => {
    const { stdout } = spawnSync('s6-rc-db', ['-c', join(work, 'compiled'), ...words], { encoding: 'utf8' })
    return stdout.split('\n').filter((line) => line !== '')
  }
  expect(Object.keys(services).sort()).toEqual(tidy(ask('list', 'services')))
  expect(Object.keys(bundles).sort()).toEqual(tidy(ask('list', 'bundles')))
  const describeOne = (name: string): Service => {
    const [type = ''] = ask('type', name)
    const timeouts = ['-u', '-d'].map((direction) => Number(ask(direction, 'timeout', name)[0]) / 1000)
    const all = tidy(ask('all-dependencies', name)).filter((one) => one !== name)
    return {
      type,
      dependencies: tidy(ask('dependencies', name)),
      allDependencies: all,
      timeouts: type === 'oneshot' ? timeouts : undefined,
    }
  }
  const found: Facts = {
    services: Object.fromEntries(Object.keys(services).map((name) => [name, describeOne(name)])),
    bundles: Object.fromEntries(Object.keys(bundles).map((name) => [name, tidy(ask('contents', name))])),
  }
  rmSync(work, { recursive: true })
  return found
}

/** Source: s6-overlay 3.2.3.2, etc/s6-rc/sources. */
function addOverlay(tree: string): void {
  const write = (name: string, type: string, folder: string, names: readonly string[]): void => {
    mkdirSync(join(tree, name, folder), { recursive: true })
    writeFileSync(join(tree, name, 'type'), `${type}\n`)
    if (type === 'oneshot') writeFileSync(join(tree, name, 'up'), 'true\n')
    for (const other of names) writeFileSync(join(tree, name, folder, other), '')
  }
  write('fix-attrs', 'oneshot', 'dependencies.d', [])
  write('legacy-cont-init', 'oneshot', 'dependencies.d', ['fix-attrs'])
  write('legacy-services', 'oneshot', 'dependencies.d', ['base', 'user'])
  write('base', 'bundle', 'contents.d', ['fix-attrs', 'legacy-cont-init'])
  write('user', 'bundle', 'contents.d', [])
  write('user2', 'bundle', 'contents.d', [])
  write('top', 'bundle', 'contents.d', ['base', 'legacy-services', 'user', 'user2'])
}
