// What kahi would run is what the real supervisord would run: for the .conf, and for the TOML that it becomes, through
// dist/kahi. The corpus holds real files; fragments are wrapped in a main file that includes them.

import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { comparable, type Json } from '../helpers/effective.ts'
import { type CorpusCase, corpusCases } from '../helpers/corpus.ts'
import { askOracle, hasOracle, ORACLE_NEEDED } from '../helpers/oracle.ts'
import { makeFolder } from '../helpers/test-folder.ts'

const KAHI = join(import.meta.dirname, '../../dist/kahi')
const ENVIRONMENT = { HOME: '/root', PATH: '/bin:/usr/bin' }

async function effective(file: string, cwd: string, environment: Readonly<Record<string, string>>): Promise<Json> {
  const args = ['check', '--effective', '--assume-image', '--json', file]
  const result = await execa(KAHI, args, { cwd, env: environment, extendEnv: false, reject: false })
  if (result.exitCode === 0) return JSON.parse(result.stdout) as Json
  expect(result.exitCode, result.stderr).toBe(2)
  return { error: result.stdout }
}

async function migrated(file: string, cwd: string, environment: Readonly<Record<string, string>>): Promise<Json> {
  const output = join(makeFolder(), 'kahi.toml')
  const result = await execa(KAHI, ['migrate', file, '-o', output], {
    cwd,
    env: environment,
    extendEnv: false,
    reject: false,
  })
  expect(result.exitCode, result.stderr).toBe(0)
  return effective(output, cwd, environment)
}

async function compare({ file, environment }: CorpusCase): Promise<'equal' | 'both refuse'> {
  const cwd = tmpdir()
  const oracle = await askOracle(file, cwd, environment)
  const direct = await effective(file, cwd, environment)
  if ('error' in oracle) {
    expect(direct, `supervisord refuses it: ${String(oracle.error)}`).toHaveProperty('error')
    return 'both refuse'
  }
  expect(comparable(direct)).toEqual(comparable(oracle))
  expect(comparable(await migrated(file, cwd, environment))).toEqual(comparable(oracle))
  return 'equal'
}

describe.skipIf(!hasOracle)(`real configurations (${ORACLE_NEEDED})`, () => {
  const cases = corpusCases()
  test.concurrent.each(cases)('$name', async (row) => {
    await compare(row)
  })
})

describe.skipIf(!hasOracle)(`fixtures (${ORACLE_NEEDED})`, () => {
  const fixtures = join(import.meta.dirname, '../../fixtures')
  const environment = { ...ENVIRONMENT, PORT: '80', FLAG: 'off' }
  const names = ['container', 'groups', 'include', 'jobs', 'programs', 'quoting', 'servers', 'waits'].map((name) => ({
    name,
    file: join(fixtures, 'supervisord', name, 'input/supervisord.conf'),
  }))
  test('all of them are compared but those with sections that supervisord alone knows', () => {
    const all = readdirSync(join(fixtures, 'supervisord'))
    expect(all.filter((name) => !names.some((row) => row.name === name))).toEqual(['fragment', 'left-out'])
  })
  test.concurrent.each([
    ...names,
    { name: 'hind', file: join(fixtures, 'images/hind/etc/supervisor/supervisord.conf') },
  ])('$name', async ({ name, file }) => {
    expect(await compare({ name, file, environment })).toBe('equal')
  })
})
