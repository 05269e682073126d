// `kahi migrate --report json` says of every line what became of it, as its schema describes; --strict makes a loss an error.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { kahi, root, scratch } from '../helpers/kahi.ts'
import { misfits, type Schema } from '../helpers/schema.ts'

const SCHEMA = JSON.parse(readFileSync(join(root, 'docs/reference/migrate-report.schema.json'), 'utf8')) as Schema
const FIXTURES = join(root, 'fixtures/supervisord')
const env = { PORT: '80', FLAG: 'off' }

interface Line {
  readonly line: number
  readonly fate: string
  readonly at: number | null
}

describe('the report as JSON', () => {
  test.each(readdirSync(FIXTURES))('of the fixture %s is as described', async (name) => {
    const { stderr } = await kahi(['migrate', '--report', 'json', join(FIXTURES, name, 'input/supervisord.conf')], {
      env,
    })
    const report = JSON.parse(stderr) as unknown
    expect(report).toMatchObject({ valid: true })
    expect(misfits(report, SCHEMA)).toEqual([])
  })

  test('of a file that is refused is as described', async () => {
    const file = join(scratch(), 's.conf')
    writeFileSync(file, '[supervisord]\nnodaemon=perhaps\n')
    const report = JSON.parse((await kahi(['migrate', '--report', 'json', file])).stderr) as unknown
    expect(report).toMatchObject({ valid: false })
    expect(misfits(report, SCHEMA)).toEqual([])
  })

  test('gives the lines of the TOML that was written', async () => {
    const folder = scratch()
    const file = join(folder, 's.conf')
    const output = join(folder, 'kahi.toml')
    writeFileSync(file, '; top\n[supervisord]\n[program:web] ; the site\ncommand = web\nodd = 1\n')
    const { stderr } = await kahi(['migrate', '--report', 'json', '-o', output, file])
    const { lines } = JSON.parse(stderr) as { lines: Line[] }
    const toml = readFileSync(output, 'utf8').split('\n')
    expect(lines.map(({ line, fate, at }) => [line, fate, at === null ? null : toml[at - 1]])).toEqual([
      [1, 'comment', '# top'],
      [2, 'renamed', '[supervisor]'],
      [3, 'renamed', '[programs.web]  # the site'],
      [4, 'kept', 'command = "web"'],
      [5, 'dropped', '# not converted: odd = 1'],
    ])
  })
})

describe('--strict', () => {
  const lossy = '[supervisord]\n[program:web]\ncommand = web\n[ctlplugin:x]\nsupervisor.ctl_factory = x:y\n'
  test.each([
    ['a loss is 1, and the TOML is there', lossy, ['--strict'], 1],
    ['without it a loss is no error', lossy, [], 0],
    ['nothing lost is 0', '[supervisord]\n[program:web]\ncommand = web\ncommand = two\n', ['--strict'], 0],
  ])('%s', async (_, text, flags, expected) => {
    const file = join(scratch(), 's.conf')
    writeFileSync(file, text)
    const { exitCode, stdout } = await kahi(['migrate', ...flags, file])
    expect(exitCode).toBe(expected)
    expect(stdout).toContain('[programs.web]')
    expect(stdout.includes('# supervisor.ctl_factory = x:y')).toBe(text === lossy)
  })
})
