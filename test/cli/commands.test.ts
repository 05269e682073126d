// The command line as a whole: help, versions, wrong arguments, and the launcher.

import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defaultSocket } from '../../cli/default-socket.ts'
import { kahi, kahiPath, root, scratch } from '../helpers/kahi.ts'

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

test('kahi alone shows help', async () => {
  const { exitCode, stdout, stderr } = await kahi([])
  expect(stderr).toBe('')
  for (const command of ['daemon', 'ctl', 'migrate', 'check', 'init', 'supervisord', 'version']) {
    expect(stdout).toContain(`kahi ${command}`)
  }
  expect(exitCode).toBe(0)
})

test.each([
  ['daemon'],
  ['ctl'],
  ['migrate'],
  ['check'],
  ['init'],
  ['version'],
  ['healthcheck'],
  ['ctl status'],
  ['ctl start'],
  ['ctl stop'],
  ['ctl restart'],
  ['ctl signal'],
  ['ctl tail'],
  ['ctl pid'],
  ['ctl shutdown'],
  ['ctl version'],
])('kahi %s --help explains itself, with examples', async (words) => {
  const { exitCode, stdout, stderr } = await kahi([...words.split(' '), '--help'])
  expect(stderr).toBe('')
  expect(stdout.startsWith(`kahi ${words}`)).toBe(true)
  expect(stdout).toContain('Examples:')
  expect(exitCode).toBe(0)
})

test.each([
  [['statsu'], 'error: Unknown command: statsu\n  hint: kahi --help\n'],
  [['migrat'], 'error: Unknown command: migrat; did you mean migrate?\n  hint: kahi --help\n'],
  [['ctl'], 'error: kahi ctl: name a command\n  hint: kahi ctl --help\n'],
  [['ctl', 'stauts', 'web'], 'error: Unknown command: stauts; did you mean status?\n  hint: kahi ctl --help\n'],
  [['ctl', 'stauts'], 'error: Unknown command: stauts; did you mean status?\n  hint: kahi ctl --help\n'],
  [['ctl', 'status', '--jsn'], 'error: Unknown argument: jsn; did you mean json?\n  hint: kahi ctl status --help\n'],
  [['ctl', '-s'], 'error: Not enough arguments following: s\n  hint: kahi ctl --help\n'],
  [['ctl', 'wait'], 'error: NAMES must be given\n  hint: kahi ctl wait --help\n'],
  [['version', 'x'], 'error: Unknown argument: x\n  hint: kahi version --help\n'],
  [['daemon', 'x'], 'error: Unknown argument: x\n  hint: kahi daemon --help\n'],
  [['daemon', '--confg', 'x'], 'error: Unknown argument: confg; did you mean config?\n  hint: kahi daemon --help\n'],
])('kahi %j is a mistake, exit 2', async (args, message) => {
  expect(await kahi(args)).toMatchObject({ exitCode: 2, stdout: '', stderr: message })
})

test('an unknown log format names those there are', async () => {
  const { exitCode, stderr } = await kahi(['daemon', '--log-format', 'xml'])
  expect(stderr).toContain('"auto", "text", "json"')
  expect(exitCode).toBe(2)
})

test.each([[['version']], [['--version']]])('kahi %j prints the version', async (args) => {
  expect(await kahi(args)).toMatchObject({ exitCode: 0, stdout: `${version}\n`, stderr: '' })
})

test('node dist/kahi.js is the same program', async () => {
  const result = await kahi([join(root, 'dist/kahi.js'), 'version'], { program: process.execPath })
  expect(result).toMatchObject({ exitCode: 0, stdout: `${version}\n` })
})

test('kahi works through links, also links of links and relative ones', async () => {
  const directory = scratch()
  mkdirSync(join(directory, 'bin'))
  symlinkSync(kahiPath, join(directory, 'one'))
  symlinkSync('../one', join(directory, 'bin/two'))
  const result = await kahi(['keys'], { program: join(directory, 'bin/two') })
  expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('depends_on') })
})

test('kahi keys fits into 80 columns where there is no terminal', async () => {
  const { stdout } = await kahi(['keys', 'programs'])
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  expect(stdout).toMatch(/^ {2}priority \(whole number; default 999\)\n {6}Lower numbers start first/m)
})

test('kahi check warns of programs without processes, and of empty commands', async () => {
  const file = join(scratch(), 'kahi.toml')
  writeFileSync(file, '[programs.a]\ncommand = "true"\nnumprocs = -1\n[programs.b]\ncommand = ""\n')
  const { exitCode, stdout, stderr } = await kahi(['check', file])
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining('1 process (b)') })
  expect(stderr).toContain(':3:1: warning: "numprocs" is -1: [programs.a] has no process')
  expect(stderr).toContain(':5:1: warning: The command of b will fail: command is empty')
})

test('called supervisord, it is supervisord', async () => {
  const link = join(scratch(), 'supervisord')
  symlinkSync(kahiPath, link)
  expect(await kahi(['-v'], { program: link })).toMatchObject({ exitCode: 0, stdout: '4.2.5\n' })
  expect(await kahi(['supervisord', '-v'])).toMatchObject({ exitCode: 0, stdout: '4.2.5\n' })
})

test('a copy of dist elsewhere works: nothing else of the checkout is needed', async () => {
  const directory = join(scratch(), 'copy')
  cpSync(join(root, 'dist'), directory, { recursive: true })
  const result = await kahi(['keys'], { program: join(directory, 'kahi'), cwd: '/' })
  expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('depends_on') })
})

test.each([
  ['root', { uid: 0, environment: { XDG_RUNTIME_DIR: '/x' } }, '/run/kahi.sock'],
  ['a user with a runtime directory', { uid: 7, environment: { XDG_RUNTIME_DIR: '/x' } }, '/x/kahi.sock'],
  ['a user without one', { uid: 7, environment: {} }, '/tmp/kahi-7/kahi.sock'],
])('the default socket of %s', (_who, asker, path) => {
  expect(defaultSocket(asker)).toBe(path)
})

test('kahi check --format takes a file for what it is, whatever its name', async () => {
  const file = join(scratch(), 'services.conf')
  writeFileSync(file, '[programs.p]\ncommand = "/bin/sleep 1000"\n')
  expect(await kahi(['check', file])).toMatchObject({ exitCode: 2 })
  expect(await kahi(['check', '--format', 'supervisord', file])).toMatchObject({ exitCode: 2 })
  expect(await kahi(['check', '--format', 'kahi', file])).toMatchObject({ exitCode: 0 })
})
