// Every case in fixtures/export is exported to every target and compared with the expected files, modes and report. If kahi
// can read the result, it is converted back. `npm run golden` rewrites the expected files.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatDiagnostic } from '../../config/model/diagnostic.ts'
import { type Exported, exportSource, proveFiles, readingFor } from '../../converter/export/make.ts'
import type { TargetRow } from '../../converter/export/plan/target.ts'
import { targets } from '../../converter/export/targets.ts'
import { identify } from '../../converter/identify.ts'
import { testMachine } from '../helpers/machine.ts'

const FIXTURES = join(import.meta.dirname, '../../fixtures')
const CASES = join(FIXTURES, 'export')
const machine = testMachine({ environment: { HOME: '/root', PORT: '80', QUEUE: 'fast' } })

/** The input of the case, or the input of another fixture that its file `source` names. */
function inputOf(name: string): string {
  const folder = join(CASES, name)
  if (existsSync(join(folder, 'source'))) return join(folder, readFileSync(join(folder, 'source'), 'utf8').trim())
  const [input = ''] = readdirSync(folder).filter((file) => /^input(?:\.|$)/.test(file))
  return join(folder, input)
}

function run(
  row: TargetRow,
  name: string,
  options: Readonly<Record<string, string | boolean>> = {},
): Promise<Exported> {
  const source = identify(inputOf(name), { options: readingFor(row) })
  return exportSource(source, machine, row, { name: 'app', modernize: false, given: options })
}

function show({ files, diagnostics }: Exported): string {
  const shown = files.map(({ path, text, mode = 0o644 }) => `==== ${path} ${mode.toString(8)}\n${text}`)
  return [...diagnostics.map((one) => `${formatDiagnostic(one)}\n`), ...shown].join('').replaceAll(`${FIXTURES}/`, '')
}

/** Writes the files to a folder and calls `use`. */
async function laidOut<T>({ files }: Exported, use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'kahi-export-'))
  try {
    for (const { path, text } of files) {
      mkdirSync(dirname(join(directory, path)), { recursive: true })
      writeFileSync(join(directory, path), text)
    }
    return await use(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

describe.each(readdirSync(CASES))('%s', (name) => {
  test.each(targets.map((row) => [row.name, row] as const))('%s', async (target, row) => {
    const exported = await run(row, name)
    const file = join(CASES, name, `expected.${target}`)
    if (process.env.KAHI_GOLDEN === 'write') writeFileSync(file, show(exported))
    expect(show(exported)).toBe(readFileSync(file, 'utf8'))
    expect(await laidOut(exported, (directory) => proveFiles(directory, exported))).toEqual([])
    expect(new Set(exported.files.map(({ path }) => path)).size).toBe(exported.files.length)
  })

  test.each(['s6-overlay', 's6-rc'])(
    '%s with scripts in execline says the same when it is read back',
    async (target) => {
      const row = targets.find((one) => one.name === target)!
      const exported = await run(row, name, { execline: true })
      expect(await laidOut(exported, (directory) => proveFiles(directory, exported))).toEqual([])
    },
  )

  test('gives the same bytes again', async () => {
    for (const row of targets) expect(show(await run(row, name))).toBe(show(await run(row, name)))
  })
})

test('a changed file is found when it is read back', async () => {
  for (const row of targets) {
    const exported = await run(row, 'everything')
    if (exported.target.readBack === undefined) continue
    const files = exported.files.map((file) => ({ ...file, text: file.text.replaceAll('/srv/web', '/srv/other') }))
    const found = await laidOut({ ...exported, files }, (directory) => proveFiles(directory, exported))
    expect(found.length, row.name).toBeGreaterThan(0)
    expect(found[0]?.message).toContain('Read back, the result differs')
  }
})
