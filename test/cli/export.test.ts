// `kahi export supervisord` through dist/kahi. The written file has the same meaning, or the report lists the differences.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../config/model/diagnostic.ts'
import type { Value } from '../../config/model/value.ts'
import { findDifferences } from '../../config/settings/difference.ts'
import { readDocument } from '../../config/toml/read.ts'
import { resolveDocument } from '../../config/resolve/resolve.ts'
import { writeDocument } from '../../config/toml/write.ts'
import { convertSupervisord } from '../../converter/supervisord/convert.ts'
import { type Exported, exportSupervisord } from '../../converter/supervisord/export/export.ts'
import { kahi, scratch } from '../helpers/kahi.ts'
import { testMachine } from '../helpers/machine.ts'

const TOML = `[server.unix]
file = "/run/kahi.sock"

[programs.web]
command = ["/srv/web", "a b", "it's", "\${HOME}"]
autorestart = true
environment = { A = "1", B = 'say "hi" twice' }
`

const CONF = `[supervisord]
logfile = /dev/null
logfile_maxbytes = 0

[unix_http_server]
file = /run/kahi.sock

[program:web]
command = /srv/web 'a b' "it's" %(ENV_HOME)s
autorestart = true
environment = A="1",B='say "hi" twice'
stdout_logfile = /dev/stdout
stdout_logfile_maxbytes = 0
stderr_logfile = /dev/stderr
stderr_logfile_maxbytes = 0

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
`

function place(text = TOML): string {
  const folder = scratch()
  writeFileSync(join(folder, 'kahi.toml'), text)
  return folder
}

test('writes supervisord.conf to stdout, what is not the same to stderr', async () => {
  const folder = place()
  const { exitCode, stdout, stderr } = await kahi(['export', 'supervisord', 'kahi.toml'], { cwd: folder })
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: CONF })
  expect(stderr).toBe(
    'kahi.toml:5:1: warning: "command" is not quite the same there: supervisord splits it into words after it has inserted variables: quotes in their values would count\n' +
      `note: supervisord always writes a pid file: ${folder}/supervisord.pid\n  hint: pidfile in [supervisor] names another one\n`,
  )
})

test('-o writes a file once, with the permissions of the TOML; %(here)s stays beside it', async () => {
  const folder = place('[programs.a]\ncommand = "%(here)s/a"\n')
  const args = ['export', 'supervisord', 'kahi.toml', '-o', 'supervisord.conf']
  expect(await kahi(args, { cwd: folder })).toMatchObject({
    exitCode: 0,
    stdout: '',
    stderr: expect.stringMatching(/^note: .*\n  hint: .*\nwrote supervisord\.conf: 0 warnings\n$/),
  })
  expect(readFileSync(join(folder, 'supervisord.conf'), 'utf8')).toContain('command = %(here)s/a\n')
  expect(await kahi(args, { cwd: folder })).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('exists') })
  expect(await kahi([...args, '--force'], { cwd: folder })).toMatchObject({ exitCode: 0 })
  const elsewhere = join(scratch(), 'x.conf')
  await kahi(['export', 'supervisord', 'kahi.toml', '-o', elsewhere], { cwd: folder })
  expect(readFileSync(elsewhere, 'utf8')).toContain(`command = ${folder}/a\n`)
})

test('--strict writes nothing and exits 1 when anything is lost', async () => {
  const folder = place('[programs.a]\ncommand = "a"\nnice = 5\n')
  const args = ['export', 'supervisord', '--strict', 'kahi.toml', '-o', 'supervisord.conf']
  const { exitCode, stderr } = await kahi(args, { cwd: folder })
  expect(exitCode).toBe(1)
  expect(stderr).toContain(
    'kahi.toml:3:1: warning: supervisord has no key like "nice" of [programs.a]: it is left out\n',
  )
  expect(existsSync(join(folder, 'supervisord.conf'))).toBe(false)
})

test('an invalid kahi.toml is refused with exit 2', async () => {
  const { exitCode, stderr } = await kahi(['export', 'supervisord', 'kahi.toml'], { cwd: place('[programs.a]\n') })
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('has no "command"') })
  expect(await kahi(['export', 'supervisord', 'none.toml'])).toMatchObject({ exitCode: 2 })
})

const machine = testMachine()

function exported(toml: string, target = '/srv/supervisord.conf'): Exported {
  return exportSupervisord(readDocument(toml, '/srv/kahi.toml', machine), machine, { target })
}

describe('what cannot be said is reported at its place', () => {
  test.each([
    ['a signal that supervisord lacks', 'stopsignal = "RTMIN+1"', '"stopsignal" cannot be expressed'],
    [
      'a default',
      'directory = "${X:-/srv}"',
      '${X:-/srv} in "directory" cannot be expressed there: it is fixed to "/srv"',
    ],
    ['a value with all quotes', `environment = { A = "'\\"x" }`, 'no quotes can protect the value of A'],
    ['a key of kahi', 'on_exit = "shutdown"', 'no key like "on_exit"'],
    ['carriage returns', 'command = "a\\rb"', '"command" cannot be expressed'],
    ['a group of the user', 'user = "app:www"', 'supervisord takes no other group for a user'],
  ])('%s', (_, line, message) => {
    const toml = line.startsWith('command') ? `[programs.a]\n\n${line}\n` : `[programs.a]\ncommand = "a"\n${line}\n`
    const { diagnostics } = exported(toml)
    expect(diagnostics).toContainEqual({
      severity: 'warning',
      place: { file: '/srv/kahi.toml', line: 3, column: 1 },
      message: expect.stringContaining(message),
    })
  })

  test('a native default is no loss', () => {
    expect(exported('[programs.a]\ncommand = "a"\nsession = false\nlog_format = "raw"\n').diagnostics).toEqual([])
  })
})

const piece = fc.constantFrom(
  'a',
  'b c',
  ' ',
  '\n',
  ';',
  '#',
  ' ;',
  '\t#',
  '"',
  "'",
  '\\',
  '%%',
  '$$',
  '$',
  '=',
  ',',
  '%(here)s',
  '%(program_name)s',
  '%(ENV_HOME)s',
  '${PORT}',
  '${NONE:-d}',
  'é',
  '[x]',
  '{}',
)
const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''))
const values: Readonly<Record<string, fc.Arbitrary<Value>>> = {
  command: fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 })),
  directory: text,
  environment: fc.dictionary(fc.constantFrom('A', 'B', 'C D'), text, { maxKeys: 2 }),
  stdout_logfile: text,
  stopsignal: fc.constantFrom('TERM', 1, 'RTMAX-1'),
  stdout_logfile_maxbytes: fc.constantFrom('10B', '1MB', 5),
}
const program = fc
  .constantFrom(...Object.keys(values))
  .chain((key) => (values[key] ?? text).map((value): Record<string, Value> => ({ command: 'a', [key]: value })))

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof ConfigError) return undefined
    throw error
  }
}

test('random programs are exact or reported', () => {
  const nowhere = { file: '/srv/kahi.toml', line: 1, column: 1 }
  let exact = 0
  fc.assert(
    fc.property(program, (written) => {
      const entries = Object.entries(written).map(([key, value]) => ({ key, value, place: nowhere }))
      const table = { kind: 'programs', name: 'a', place: nowhere, entries } as const
      const toml = writeDocument({ file: '/srv/kahi.toml', here: '/srv', tables: [table] })
      const options = { assumeImage: true }
      const before = attempt(
        () => resolveDocument(readDocument(toml, '/srv/kahi.toml', machine), machine, options).config,
      )
      if (before === undefined) return
      const { text: conf, diagnostics } = exported(toml)
      if (diagnostics.length > 0) return
      exact += 1
      const again = convertSupervisord('/srv/supervisord.conf', machine, { text: conf }).document
      const keys = findDifferences(before, resolveDocument(again, machine, options).config).filter(
        ({ subject, key }) => subject !== 'supervisor' && !/maxbytes$|^command$/.test(key),
      )
      expect(keys).toEqual([])
    }),
    { seed: 7, numRuns: 500 },
  )
  expect(exact).toBeGreaterThan(100)
})
