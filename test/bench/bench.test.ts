// The bench runs, compares with supervisord if it is installed, prints a message if it is not, and leaves no file and no process.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { root, scratch } from '../helpers/kahi.ts'
import { LIMIT_MS } from '../helpers/wait.ts'

const hasSupervisord = isInPath('supervisord')
const hasCompiler = isInPath('cc')
const BENCH = [join(root, 'tools/run.mjs'), 'bench/main.ts']

function isInPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))
}

/** Runs the bench in a new temporary folder; `left` has the files that remain there. */
async function bench(...args: string[]) {
  const folder = scratch()
  const result = await execa(process.execPath, [...BENCH, ...args], {
    reject: false,
    timeout: LIMIT_MS,
    env: { TMPDIR: folder },
  })
  return { ...result, left: readdirSync(folder) }
}

test.skipIf(!hasCompiler || !hasSupervisord)(
  'compares the boot with supervisord (skipped without a C compiler or supervisord)',
  async () => {
    const { stdout, exitCode, left } = await bench('--quick', '--only', 'boot', '--programs', '5')
    expect(stdout).toMatch(/^measure +kahi +supervisord .*ratio +goal/m)
    expect(stdout).toMatch(/^boot, 5 programs.* [\d.]+ ms +[\d.]+ ms .* \d+\.\d{3}x +<= 0\.2x +(met|MISSED)$/m)
    expect(stdout).toMatch(/^\d+ x .*Linux .*Node v\d.*supervisord \d/m)
    expect({ exitCode, left }).toEqual({ exitCode: 0, left: [] })
  },
)

const missing = 'says which supervisors are missing (skipped without a C compiler)'
test.skipIf(!hasCompiler)(missing, async () => {
  const nowhere = ['--supervisord', '/nonexistent/supervisord', '--s6-svscan', '/nonexistent/s6-svscan']
  const { stdout, exitCode, left } = await bench('--quick', '--only', 'boot', '--programs', '3', '--json', ...nowhere)
  const { rows, notes } = JSON.parse(stdout)
  expect(notes).toEqual([
    'supervisord is not installed (Debian package supervisor): no ratios',
    's6-svscan is not installed (Debian package s6)',
  ])
  expect(rows).toMatchObject([{ row: { id: 'boot' }, peers: { kahi: { samples: [expect.any(Number)] } } }])
  expect(rows[0]).not.toHaveProperty('ratio')
  expect({ exitCode, left }).toEqual({ exitCode: 0, left: [] })
})

test.skipIf(!hasCompiler)(
  'leaves no process and no file when it is interrupted (skipped without a C compiler)',
  async () => {
    const folder = scratch()
    const child = execa(process.execPath, [...BENCH, '--only', 'cycles'], {
      reject: false,
      env: { TMPDIR: folder },
    })
    // The first cycles are done: one supervisor is running, and others will follow.
    await new Promise<void>((resolve) => {
      let said = ''
      child.stderr.on('data', (chunk: Buffer | string) => {
        said += String(chunk)
        if (said.includes('10,000 cycles: 100 done')) resolve()
      })
      child.once('exit', () => resolve())
    })
    child.kill('SIGINT')
    const { exitCode, stderr } = await child
    expect(stderr).toContain('100 done')
    expect(exitCode).toBe(130)
    expect(readdirSync(folder)).toEqual([])
    expect(commandLinesWith(folder)).toEqual([])
  },
)

/** Processes that were started with a path in the folder. */
function commandLinesWith(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .map(commandLine)
    .filter((line) => line.includes(folder))
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

test('says what is wrong with its options', async () => {
  const { stderr, exitCode } = await bench('--only', 'coffee')
  expect(stderr).toContain('bench: --only does not know "coffee"; it knows boot, memory,')
  expect(exitCode).toBe(2)
})
