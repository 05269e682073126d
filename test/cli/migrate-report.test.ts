// `kahi migrate --report json` gives the result of every line, in the form of its schema. With --strict a loss is an error.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { supervisordFixtures } from '../helpers/fixtures.ts'
import { kahi, root, scratch } from '../helpers/kahi.ts'
import { misfits, type Schema } from '../helpers/schema.ts'

const SCHEMA = JSON.parse(readFileSync(join(root, 'docs/reference/migrate-report.schema.json'), 'utf8')) as Schema
const env = { PORT: '80', FLAG: 'off' }

interface Line {
  readonly line: number
  readonly fate: string
  readonly at: number | null
}

describe('the report as JSON', () => {
  test.each(supervisordFixtures())('of the fixture $name is as described', async ({ file }) => {
    const { stderr } = await kahi(['migrate', '--report', 'json', file], { env })
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

describe('what the proof does not look at', () => {
  const listener = '[program:a]\ncommand=sleep 1\n[eventlistener:l]\ncommand=x\nevents=TICK_5\n'
  const fcgi = '[fcgi-program:f]\ncommand=sleep 2\nsocket=tcp://127.0.0.1:9\n'

  test('stands in one line below what it says, and every kind of table is counted', async () => {
    const folder = scratch()
    writeFileSync(join(folder, 's.conf'), listener + fcgi)
    const { stderr } = await kahi(['migrate', 's.conf', '-o', 'k.toml'], { cwd: folder })
    expect(stderr).toContain('1 program, 1 FastCGI program, 1 event listener and 0 groups from 1 file: ')
    expect(stderr).toContain(
      'read back, it runs the same\nnot compared: what programs and scripts do; what the event listeners l do with events\n',
    )
    const unproven = await kahi(['migrate', 's.conf', '-o', 'n.toml', '--no-verify'], { cwd: folder })
    expect(unproven.stderr).not.toContain('not compared')
  })

  test.each([
    [[], 'what programs and scripts do; the container'],
    [['--translate'], 'what programs and scripts do; the scripts that --translate rewrote; the container'],
  ])('of a tree of s6-overlay with %j', async (options, text) => {
    const tree = join(root, 'fixtures/s6-rc/onetimesecret/input')
    const output = join(scratch(), 'k.toml')
    const { stderr } = await kahi(['migrate', tree, ...options, '-o', output])
    expect(stderr).toContain(`\nnot compared: ${text}'s command and S6_STAGE2_HOOK; S6_* variables that`)
    const { stderr: json } = await kahi(['migrate', tree, ...options, '--report', 'json', '-o', output, '--force'])
    expect((JSON.parse(json) as { uncompared: unknown }).uncompared).toContain('what programs and scripts do')
  })
})
