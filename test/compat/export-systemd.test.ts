// Both halves of the corpus become units that say the same when they are read back, and in which systemd-analyze finds
// nothing.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigError } from '../../config/model/diagnostic.ts'
import { type Exported, exportSource, proveFiles, readingFor } from '../../converter/export/make.ts'
import { targets } from '../../converter/export/targets.ts'
import { identify } from '../../converter/identify.ts'
import { corpusCases } from '../helpers/corpus.ts'
import { testMachine } from '../helpers/machine.ts'
import { ORACLE_NEEDED, SHARED } from '../helpers/oracle.ts'
import { noVerify, verifyUnits } from '../helpers/systemd-verify.ts'

const TREES = join(SHARED, 'corpus/s6')
if (noVerify !== undefined) console.warn(`${noVerify}: units are only read back`)
const row = targets.find(({ name }) => name === 'systemd')!

async function exportOf(file: string, environment: Readonly<Record<string, string>>): Promise<Exported | undefined> {
  try {
    const source = identify(file, { options: readingFor(row) })
    return await exportSource(source, testMachine({ environment }), row, { name: 'app', modernize: false, given: {} })
  } catch (error) {
    if (error instanceof ConfigError) return undefined
    throw error
  }
}

/** Lays the files out, reads them back and has them verified. */
async function findingsOf(exported: Exported): Promise<readonly string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'kahi-units-'))
  for (const { path, text, mode = 0o644 } of exported.files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text, { mode })
  }
  const differences = (await proveFiles(directory, exported)).map(({ message }) => message)
  const found = noVerify === undefined ? verifyUnits(directory) : ''
  rmSync(directory, { recursive: true })
  return [...differences, ...(found === '' ? [] : [found])]
}

async function expectClean(
  cases: readonly { name: string; file: string; environment: Readonly<Record<string, string>> }[],
): Promise<number> {
  const found: Record<string, readonly string[]> = {}
  let count = 0
  for (const { name, file, environment } of cases) {
    const exported = await exportOf(file, environment)
    if (exported === undefined) continue
    count += 1
    const findings = await findingsOf(exported)
    if (findings.length > 0) found[name] = findings
  }
  expect(found).toEqual({})
  return count
}

const files = corpusCases()

test.skipIf(files.length === 0)(`every supervisord.conf of the corpus becomes units (${ORACLE_NEEDED})`, async () => {
  const count = await expectClean(files)
  // The rest are templates and files that supervisord refuses too.
  expect(count).toBeGreaterThan(files.length * 0.9)
  console.log(`${count} of ${files.length} files of the corpus are units that pass`)
})

const trees = existsSync(TREES) ? readdirSync(TREES).filter((name) => existsSync(join(TREES, name, 's6-rc.d'))) : []

test.skipIf(trees.length === 0)('every tree of the corpus becomes units (skipped without the corpus)', async () => {
  const cases = trees.map((name) => ({ name, file: join(TREES, name, 's6-rc.d'), environment: {} }))
  expect(await expectClean(cases)).toBe(trees.length)
})

const FIXTURES = join(import.meta.dirname, '../../fixtures/export')

test('the set-ups of the fixtures become units', async () => {
  const cases = ['hind/input.toml', 'everything/input.toml', 'hera/input'].map((name) => ({
    name,
    file: join(FIXTURES, name),
    environment: {},
  }))
  expect(await expectClean(cases)).toBe(cases.length)
})
