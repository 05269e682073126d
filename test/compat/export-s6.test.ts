// Both halves of the corpus become trees for s6-overlay. A tree that is read back has the same meaning, and the real s6-rc-compile
// accepts it, if it is installed.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigError } from '../../config/model/diagnostic.ts'
import { type Exported, exportSource, proveFiles } from '../../converter/export/make.ts'
import { targets } from '../../converter/export/targets.ts'
import { identify } from '../../converter/identify.ts'
import { corpusCases } from '../helpers/corpus.ts'
import { testMachine } from '../helpers/machine.ts'
import { ORACLE_NEEDED, SHARED } from '../helpers/oracle.ts'

const TREES = join(SHARED, 'corpus/s6')
const COMPILER = join(process.env['KAHI_S6_OVERLAY'] ?? '/none', 'command/s6-rc-compile')
const compiler = existsSync(COMPILER) ? COMPILER : 's6-rc-compile'
const hasCompiler = spawnSync(compiler, ['-h']).error === undefined
if (!hasCompiler) console.warn('neither KAHI_S6_OVERLAY nor PATH has an s6-rc-compile: trees are only read back')
const row = targets.find(({ name }) => name === 's6-overlay')!

async function exportOf(
  file: string,
  environment: Readonly<Record<string, string>>,
  execline = false,
): Promise<Exported | undefined> {
  try {
    const machine = testMachine({ environment })
    return await exportSource(identify(file), machine, row, { name: 'app', modernize: false, given: { execline } })
  } catch (error) {
    if (error instanceof ConfigError) return undefined
    throw error
  }
}

/** Lays the files out, reads them back and compiles them. */
async function expectTree(exported: Exported, name: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'kahi-export-'))
  for (const { path, text } of exported.files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  expect(await proveFiles(directory, exported), name).toEqual([])
  if (hasCompiler) {
    const own = join(directory, 'own')
    layOverlay(own)
    const tree = join(directory, 'etc/s6-overlay/s6-rc.d')
    const { status, stderr } = spawnSync(compiler, [join(directory, 'db'), tree, own], { encoding: 'utf8' })
    expect({ name, status, stderr }).toEqual({ name, status: 0, stderr: '' })
  }
  rmSync(directory, { recursive: true })
}

/** The services of s6-overlay itself that a tree depends on. Source: s6-overlay 3, etc/s6-rc/sources. */
function layOverlay(tree: string): void {
  for (const [name, contents] of [
    ['base', ['fix-attrs']],
    ['top', ['base', 'user']],
  ] as const) {
    mkdirSync(join(tree, name, 'contents.d'), { recursive: true })
    writeFileSync(join(tree, name, 'type'), 'bundle\n')
    for (const one of contents) writeFileSync(join(tree, name, 'contents.d', one), '')
  }
  mkdirSync(join(tree, 'fix-attrs'))
  writeFileSync(join(tree, 'fix-attrs/type'), 'oneshot\n')
  writeFileSync(join(tree, 'fix-attrs/up'), 'true\n')
}

const cases = corpusCases()

test.skipIf(cases.length === 0).each([
  ['sh', false],
  ['execline', true],
] as const)(`every supervisord.conf of the corpus becomes a tree, in %s (${ORACLE_NEEDED})`, async (_, execline) => {
  let count = 0
  for (const { name, file, environment } of cases) {
    const exported = await exportOf(file, environment, execline)
    if (exported === undefined) continue
    await expectTree(exported, name)
    count += 1
  }
  // The rest are templates and files that supervisord refuses too.
  expect(count).toBeGreaterThan(cases.length * 0.9)
  console.log(`${count} of ${cases.length} files of the corpus are trees${hasCompiler ? ' that compile' : ''}`)
})

const trees = existsSync(TREES) ? readdirSync(TREES).filter((name) => existsSync(join(TREES, name, 's6-rc.d'))) : []

test.skipIf(trees.length === 0)(
  'every tree of the corpus becomes a tree again (skipped without the corpus)',
  async () => {
    for (const name of trees) {
      const exported = await exportOf(join(TREES, name, 's6-rc.d'), {})
      expect(exported, name).toBeDefined()
      await expectTree(exported!, name)
    }
    console.log(`${trees.length} trees of the corpus are trees again${hasCompiler ? ' that compile' : ''}`)
  },
)
