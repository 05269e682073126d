// Settings that several programs share: [defaults.programs], `like`, files of variables and included files, through dist/kahi.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Daemon, kahi, type Result, scratch, startReady } from '../helpers/kahi.ts'

/** Writes the files into a folder; `DIR` in them is that folder. */
function writeAll(files: Readonly<Record<string, string>>): string {
  const directory = scratch()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(directory, name, '..'), { recursive: true })
    writeFileSync(join(directory, name), text.replaceAll('DIR', directory))
  }
  return directory
}

const SERVER = '[server.unix]\nfile = "DIR/k.sock"\n'

const SHARED = `include = ["more/*.toml"]
${SERVER}
[supervisor]
environment = { SHARED = "s", FROM = "daemon" }
[defaults.programs]
directory = "DIR/more"
environment = { A = "1", B = "1" }
startsecs = 0
[programs.base]
command = ["/bin/sh", "-c", "exec sleep \${TIME}"]
environment = { B = "2" }
env_file = [".env", { path = "none", optional = true }, "vars"]
[programs.web]
like = "base"
environment = { C = "3" }
priority = 5
[oneshots.once]
up = ["/bin/sh", "-c", "echo once: $XX"]
env_file = "more/x.env"
[event_listeners.ear]
command = "cat"
events = ["TICK_60"]
`
const FILES = {
  'kahi.toml': SHARED,
  'more/x.toml': '[programs.x]\nlike = "web"\nenv_file = "x.env"\ncommand = "sleep 1000"\n',
  'more/x.env': 'export XX=1\n',
  '.env': '# comment\nTIME=1000\nDB_PASSWORD="hush hush"\nFROM=file\nB=9\nPLAIN=quiet\n',
  'vars/DIRVAR': 'value \t\nmore\n',
  'vars/HOME': '',
}

async function start(files: Readonly<Record<string, string>>): Promise<{
  readonly directory: string
  readonly daemon: Daemon
  ctl(...words: readonly string[]): Promise<Result>
}> {
  const directory = writeAll(files)
  const daemon = await startReady(join(directory, 'kahi.toml'), { env: { HOME: '/root' } })
  return { directory, daemon, ctl: (...words) => kahi(['ctl', '-s', join(directory, 'k.sock'), ...words]) }
}

test('values come from like, then [defaults.programs]; ctl env and config name the place of each', async () => {
  const { ctl, directory, daemon } = await start(FILES)
  const file = join(directory, 'kahi.toml')
  const text = readFileSync(file, 'utf8').split('\n')
  const at = (start: string): string => `${file}:${text.findIndex((line) => line.startsWith(start)) + 1}:1`
  const lines = (await ctl('env', 'web')).stdout.split('\n')
  for (const line of [
    `A=1  # [defaults.programs] environment at ${at('environment = { A')}`,
    `B=2  # [programs.base] environment at ${at('environment = { B')}`,
    `C=3  # [programs.web] environment at ${at('environment = { C')}`,
    `SHARED=s  # [supervisor] environment at ${at('environment = { SHARED')}`,
    `FROM=file  # env_file ${directory}/.env`,
    `TIME=1000  # env_file ${directory}/.env`,
    `DIRVAR=value  # env_file ${directory}/vars`,
    `DB_PASSWORD=(hidden)  # env_file ${directory}/.env`,
  ])
    expect(lines).toContain(line)
  expect(lines.filter((line) => line.startsWith('HOME='))).toEqual([])
  await daemon.line('once: 1')
  const other = (await ctl('env', 'x')).stdout
  expect(other).toContain(`XX=1  # env_file ${directory}/more/x.env\n`)
  expect(other).not.toContain('TIME=')
  expect((await ctl('env', 'ear')).stdout).not.toMatch(/^A=/m)
  const status = JSON.parse((await ctl('status', '--json')).stdout) as readonly { name: string }[]
  expect(status.map(({ name }) => name)).toEqual(['base', 'ear', 'once', 'web', 'x'])
})

test('values of files of variables are shown nowhere; a changed file restarts what uses it at apply', async () => {
  const { ctl, directory } = await start(FILES)
  const pids = async () => (await Promise.all(['web', 'x'].map((name) => ctl('pid', name)))).map(({ stdout }) => stdout)
  const before = await pids()
  writeFileSync(join(directory, '.env'), 'TIME=999\nDB_PASSWORD=changed\nPLAIN=loud\nNEW=1\n')
  const { stdout } = await ctl('apply', '--dry-run')
  expect(stdout).toContain('would change: web (restarts)\n')
  expect(stdout).toContain('env_file.PLAIN: "(hidden)" -> "(hidden)"')
  expect(stdout).toContain('env_file.NEW: none -> "(hidden)"')
  const checked = await kahi(['check', '--effective', join(directory, 'kahi.toml')])
  for (const output of [stdout, checked.stdout, checked.stderr]) expect(output).not.toMatch(/hush|quiet|loud|changed\n/)
  expect((await ctl('apply')).exitCode).toBe(0)
  const after = await pids()
  expect(after[0]).not.toBe(before[0])
  expect(after[1]).toBe(before[1])
  expect((await ctl('env', 'web')).stdout).toContain('PLAIN=loud')
})

const MISTAKES: readonly (readonly [title: string, toml: string, found: readonly string[]])[] = [
  [
    'a program like itself',
    '[programs.a]\nlike = "a"\ncommand = "true"',
    ['2:1: error: "like" leads back to where it began: a → a'],
  ],
  [
    'a circle of three',
    '[programs.a]\ncommand = "true"\nlike = "b"\n[programs.b]\nlike = "c"\n[programs.c]\nlike = "a"',
    ['3:1: error: "like" leads back to where it began: a → b → c → a'],
  ],
  [
    'an unknown program',
    '[programs.web]\ncommand = "true"\n[programs.a]\ncommand = "true"\nlike = "wb"',
    ['5:1: error: "like" of [programs.a] names the unknown program "wb"', 'did you mean "web"?'],
  ],
  [
    'an unknown program, and nothing else in the table',
    '[programs.web]\ncommand = "true"\n[programs.a]\nlike = "wb"',
    ['4:1: error: "like" of [programs.a] names the unknown program "wb"', ': 1 error\n'],
  ],
  [
    'an unknown key among the defaults',
    '[defaults.programs]\nlike = "a"\nstartsec = 1\n[programs.a]\ncommand = "true"',
    [
      '2:1: error: Unknown key "like" in [defaults.programs]',
      '3:1: error: Unknown key "startsec"',
      'did you mean "startsecs"?',
    ],
  ],
  [
    'a wrong value among the defaults',
    '[defaults.programs]\nstartsecs = "soon"\n[programs.a]\ncommand = "true"',
    ['2:1: error: Cannot read "startsecs"'],
  ],
  [
    'an unknown kind of defaults',
    '[defaults.oneshots]\nuser = "root"',
    ['1:1: error: Unknown defaults "oneshots"', 'write [defaults.programs]'],
  ],
  [
    'a missing file of variables',
    '[programs.a]\ncommand = "true"\nenv_file = "no.env"',
    ['3:1: error: Cannot read "env_file": there is no file DIR/no.env', 'optional = true'],
  ],
  [
    'a file of variables with a line that is none',
    '[programs.a]\ncommand = "true"\nenv_file = "bad.env"',
    ['3:1: error: Cannot read "env_file": line 2 of DIR/bad.env is not NAME=value'],
  ],
  [
    'a table without path',
    '[programs.a]\ncommand = "true"\nenv_file = { optional = true }',
    ['3:1: error: Cannot read "env_file"'],
  ],
  [
    'an unknown key of a file',
    '[programs.a]\ncommand = "true"\nenv_file = { path = "x", must = true }',
    ['there is no "must"'],
  ],
]

test.each(MISTAKES)('%s is an error with its place', async (_, toml, found) => {
  const directory = writeAll({ 'kahi.toml': toml, 'bad.env': 'A=1\nhush hush\nB=2\n' })
  const { exitCode, stderr } = await kahi(['check', join(directory, 'kahi.toml')])
  expect(exitCode).toBe(2)
  for (const text of found) expect(stderr).toContain(text.replaceAll('DIR', directory))
  expect(stderr).not.toContain('hush')
})

test('a chain of 3,000 programs that start from each other is read', async () => {
  const chain = Array.from({ length: 3000 }, (_, index) => `[programs.p${index}]\nlike = "p${index + 1}"`)
  const directory = writeAll({ 'kahi.toml': `${chain.join('\n')}\n[programs.p3000]\ncommand = "true"\n` })
  expect(await kahi(['check', join(directory, 'kahi.toml')])).toMatchObject({ exitCode: 0 })
})

test.each([
  [
    'programs that each inherit the variables of all before',
    Array.from({ length: 2000 }, (_, index) => {
      const like = index === 0 ? 'command = "true"' : `like = "p${index - 1}"`
      return `[programs.p${index}]\n${like}\nenvironment = { A${index} = "1" }`
    }),
  ],
  [
    'many variables for many programs',
    [
      '[defaults.programs.environment]',
      ...Array.from({ length: 2000 }, (_, index) => `A${index} = "1"`),
      ...Array.from({ length: 600 }, (_, index) => `[programs.p${index}]\ncommand = "true"`),
    ],
  ],
])('%s are refused', async (_, lines) => {
  const directory = writeAll({ 'kahi.toml': `${lines.join('\n')}\n` })
  const { exitCode, stderr } = await kahi(['check', join(directory, 'kahi.toml')])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('Programs inherit more than 1000000 values and variables in all')
})

test('exports: engines get the files, and everything that is inherited', async () => {
  const directory = writeAll({
    'kahi.toml': `[defaults.programs]\nuser = "nobody"\n[programs.a]\ncommand = "/bin/true"\nenv_file = [".env", { path = "none", optional = true }]\nenvironment = { OWN = "1" }\n[programs.b]\nlike = "a"\n`,
    '.env': 'DB_PASSWORD=hush\nOWN=2\n',
  })
  const file = join(directory, 'kahi.toml')
  const compose = await kahi(['export', 'compose', file])
  expect(compose.stdout).toContain(`- ${directory}/.env`)
  expect(compose.stdout).toContain('required: false')
  expect(compose.stdout.match(/user: nobody/g)).toHaveLength(2)
  const systemd = await kahi(['export', 'systemd', file, '-o', join(directory, 'out')])
  expect(systemd.exitCode).toBe(0)
  const conf = await kahi(['export', 'supervisord', file])
  expect(conf.stdout.match(/user = nobody/g)).toHaveLength(2)
  expect(conf.stderr).toContain('env_file')
  expect(conf.stderr).not.toContain('"like"')
  for (const { stdout, stderr } of [compose, systemd, conf]) expect(stdout + stderr).not.toContain('hush')
})
