// Both halves of the corpus become units. Units that are read back have the same meaning, and systemd-analyze finds no mistake in
// them.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Cron } from 'croner'
import { expect, test } from 'vitest'
import { ConfigError } from '../../config/model/diagnostic.ts'
import { type Exported, exportSource, proveFiles, readingFor } from '../../converter/export/make.ts'
import { calendarTimes } from '../../converter/export/plan/schedule.ts'
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

const COUNT = 6
const LINES = [
  '0 3 * * *',
  '*/15 8-18 * * mon-fri',
  '30 4 1,15 * 5-7',
  '*/10 * * * * *',
  '5-59/20 0 29 2 *',
  '0 0 */2 1-11/2 */3',
  '@weekly',
  '@yearly',
]

test.skipIf(noVerify !== undefined).each(LINES)(
  'OnCalendar= has the times that kahi has: %s (needs systemd)',
  (cron) => {
    const timezone = 'Europe/Berlin'
    const from = new Date('2026-12-01T00:00:00Z')
    const wanted = new Cron(cron, { paused: true, timezone }).nextRuns(COUNT, from).map((time) => time.getTime())
    const times = new Set<number>()
    for (const one of calendarTimes({ cron, timezone, overlap: 'skip' })) {
      const words = [
        'calendar',
        `--iterations=${COUNT}`,
        `--base-time=${from.toISOString().slice(0, 19).replace('T', ' ')} UTC`,
        one,
      ]
      const { stdout, status, stderr } = spawnSync('systemd-analyze', words, {
        encoding: 'utf8',
        env: { ...process.env, TZ: 'UTC', LANG: 'C' },
      })
      expect(status, stderr).toBe(0)
      for (const [, day, time] of stdout.matchAll(/(?:Next elapse|Iter(?:ation|\.) #\d+): \w+ (\S+) (\S+) UTC/g))
        times.add(Date.parse(`${day}T${time}Z`))
    }
    expect([...times].toSorted((a, b) => a - b).slice(0, COUNT)).toEqual(wanted)
  },
)
