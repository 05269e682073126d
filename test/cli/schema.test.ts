// The JSON Schema that dist/kahi prints accepts every valid kahi.toml, and finds the same wrong types as `kahi check`.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import { parse } from 'smol-toml'
import { beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../config/toml/read.ts'
import { sampleConfig, smallConfig } from '../../config/toml/sample.ts'
import { kahi, root, scratch } from '../helpers/kahi.ts'
import { testMachine } from '../helpers/machine.ts'
import { withExample } from '../helpers/sample.ts'

let validate: ValidateFunction

beforeAll(async () => {
  const { stdout } = await kahi(['schema'])
  validate = new Ajv({ allowUnionTypes: true, strictTypes: false, strictRequired: false }).compile(JSON.parse(stdout))
})

/** The mistakes that the schema finds. */
function faultsOf(text: string): readonly string[] {
  if (validate(parse(text))) return []
  return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`)
}

test('it takes the sample files, and each example in them', () => {
  const lines = sampleConfig().split('\n')
  const examples = lines.flatMap((text, line) => (/^#[a-z_]+ = /.test(text) ? [line] : []))
  expect(examples.length).toBeGreaterThan(100)
  const texts = [smallConfig(), sampleConfig(), ...examples.map((line) => withExample(lines, line))]
  expect(texts.flatMap(faultsOf)).toEqual([])
})

test('it takes every converted file of the golden cases', () => {
  const folder = join(root, 'fixtures')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.toml'))
  expect(files.length).toBeGreaterThan(20)
  const found = files.flatMap((name) =>
    faultsOf(readFileSync(join(folder, name), 'utf8')).map((one) => `${name}: ${one}`),
  )
  expect(found).toEqual([])
})

/** Faults in a program's keys, in another table, and in the file. */
const FAULTS = [
  ...[
    'comand = "x"',
    'command = 1',
    'command = []',
    'autostart = "maybe"',
    'autostart = 1',
    'numprocs = "many"',
    'numprocs = 1.5',
    'startsecs = "10 parsecs"',
    'startsecs = true',
    'exitcodes = [256]',
    'exitcodes = ["0"]',
    'umask = "9"',
    'stdout_logfile_maxbytes = "1 mile"',
    'environment = { A = [1] }',
    'environment = [1]',
    'depends_on = { db = "redy" }',
    'depends_on = [1]',
    'ready = { tcp = 1, unix = "/s" }',
    'ready = { tpc = 1 }',
    'ready = "tcp"',
    'ready = { tcp = 1, deadline = -1 }',
    'health = { fd = 3 }',
    'health = { tcp = 1, failures = 0 }',
    'on_unhealthy = "panic"',
    'restart = { dely = 1 }',
    'restart = { factor = 0 }',
    'restart = "s7"',
    'limits = { nofil = 1 }',
    'watch = { paths = [] }',
    'watch = { action = "restart" }',
    'schedule = { cron = "0 3 * * *", overlap = "both" }',
    'on_dependency_lost = "cry"',
    'capabilities = [1]',
  ].map((line) => `[programs.a]\n${line.startsWith('com') ? '' : 'command = "x"\n'}${line}\n`),
  '[programs.a]\n',
  '[programs]\na = 1\n',
  '[server.tcp]\nfile = "/s"\n',
  '[server.http]\nlisten = "127.0.0.1:1"\naccess = "all"\n',
  '[server.unix]\nfile = "/s"\ntokens = { ci = { hash = "secret", role = "read" } }\n',
  '[server.unix]\nfile = "/s"\ntokens = { ci = { role = "read" } }\n',
  '[supervisor]\nlog_level = "loud"\n',
  '[groups.g]\nprograms = [1]\n',
  '[event_listeners.e]\ncommand = "x"\nevents = []\n',
  'include = 1\n',
  'program = 1\n',
]

test.each(FAULTS)('both find the fault of %j', (text) => {
  expect(() => readConfig(text, 'kahi.toml', testMachine(), { assumeImage: true })).toThrow()
  expect(faultsOf(text)).not.toEqual([])
})

test('a text with an expansion fits every type', () => {
  expect(faultsOf('[programs.a]\ncommand = "x"\nnumprocs = "%(ENV_N)s"\nautostart = "${AUTO}"\n')).toEqual([])
})

test('kahi init and migrate write it beside the file, with the line for editors', async () => {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  expect((await kahi(['init', '--schema', '-o', file])).exitCode).toBe(0)
  expect(read('kahi.toml')).toMatch(/^#:schema \.\/kahi\.schema\.json\n/)
  expect(read('kahi.schema.json')).toBe((await kahi(['schema'])).stdout)
  expect((await kahi(['check', file])).exitCode).toBe(0)
  expect(await kahi(['init', '--schema', '-o', file])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('exists'),
  })
  writeFileSync(join(folder, 'old.conf'), '[supervisord]\n[program:web]\ncommand=sleep 1\n')
  const migrate = ['migrate', join(folder, 'old.conf'), '--schema']
  expect((await kahi([...migrate, '--force', '-o', file])).exitCode).toBe(0)
  expect(read('kahi.toml')).toMatch(/^#:schema [^]*\[programs\.web\]/)
  expect(await kahi(migrate)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('-o FILE') })
})
