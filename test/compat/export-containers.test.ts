// Both halves of the corpus become files for Compose, Kubernetes and Nomad that the engines accept, as separate services and with
// --single. The test reads the Compose files back and compares them.

import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../config/model/diagnostic.ts'
import { type Exported, exportSource, proveFiles, readingFor } from '../../converter/export/make.ts'
import { targets } from '../../converter/export/targets.ts'
import { identify } from '../../converter/identify.ts'
import { mistakesIn } from '../helpers/container-files.ts'
import { corpusCases } from '../helpers/corpus.ts'
import { testMachine } from '../helpers/machine.ts'
import { ORACLE_NEEDED, SHARED } from '../helpers/oracle.ts'

const TREES = join(SHARED, 'corpus/s6')
const trees = (existsSync(TREES) ? readdirSync(TREES) : [])
  .filter((name) => existsSync(join(TREES, name, 's6-rc.d')))
  .map((name) => ({ name, file: join(TREES, name, 's6-rc.d'), environment: {} }))
const cases = [...corpusCases(), ...trees]
const rows = targets.filter(({ name }) => ['compose', 'kubernetes', 'nomad'].includes(name))

/** The result; undefined for templates and files that supervisord refuses too. */
async function exportOf(
  { file, environment }: (typeof cases)[number],
  row: (typeof rows)[number],
  single: boolean,
): Promise<Exported | undefined> {
  try {
    const source = identify(file, { options: readingFor(row) })
    const asked = { name: 'app', modernize: false, given: { single } }
    return await exportSource(source, testMachine({ environment }), row, asked)
  } catch (error) {
    if (error instanceof ConfigError) return undefined
    throw error
  }
}

async function differencesOf(exported: Exported): Promise<readonly string[]> {
  if (exported.target.readBack === undefined) return []
  const directory = mkdtempSync(join(tmpdir(), 'kahi-containers-'))
  for (const { path, text } of exported.files) writeFileSync(join(directory, path), text)
  const found = (await proveFiles(directory, exported)).map(({ message }) => message)
  rmSync(directory, { recursive: true })
  return found
}

describe.skipIf(cases.length === 0).each(rows.map((row) => [row.name, row] as const))(
  `%s, of the corpus (${ORACLE_NEEDED})`,
  (target, row) => {
    test.each([false, true])('with --single: %s', async (single) => {
      const found: Record<string, readonly string[]> = {}
      let count = 0
      for (const one of cases) {
        const exported = await exportOf(one, row, single)
        if (exported === undefined) continue
        count += 1
        const mistakes = [...mistakesIn(target, exported.files), ...(await differencesOf(exported))]
        if (mistakes.length > 0) found[one.name] = mistakes
      }
      expect(found).toEqual({})
      // --single refuses a quarter of the files, because they start no program at boot.
      expect(count).toBeGreaterThan(cases.length * (single ? 0.7 : 0.9))
      console.log(`${target}: ${count} of ${cases.length} files and trees of the corpus are accepted`)
    })
  },
)
