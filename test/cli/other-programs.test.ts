// echo_supervisord_conf, pidproxy and `kahi install`: the smaller programs of supervisor.

import { mkdirSync, readdirSync, readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { oldFormats, titlesOf } from '../../converter/formats.ts'
import { kahi, kahiPath, scratch, startDaemon } from '../helpers/kahi.ts'

test('echo_supervisord_conf prints a configuration that can be used', async () => {
  const { stdout, exitCode } = await kahi(['echo_supervisord_conf', 'ignored'])
  expect(exitCode).toBe(0)
  const file = join(scratch(), 'supervisord.conf')
  writeFileSync(file, stdout)
  expect((await kahi(['check', file])).stdout).toContain('is valid: no processes')
})

test('pidproxy hands signals to the process in the pidfile, and ends', async () => {
  const folder = scratch()
  writeFileSync(
    join(folder, 'run.sh'),
    `trap 'echo heard; exit 3' TERM; echo $$ > pid; echo up; while :; do sleep 0.05; done`,
  )
  const proxy = startDaemon(['pidproxy', 'pid', '/bin/sh', 'run.sh'], { cwd: folder })
  await proxy.line('up')
  proxy.signal('SIGTERM')
  expect(await proxy.ended()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('heard') })
})

test('pidproxy reports a missing pidfile, and keeps running', async () => {
  const folder = scratch()
  const proxy = startDaemon(['pidproxy', 'none', '/bin/sh', '-c', 'echo up; sleep 0.2; read x; echo over'], {
    cwd: folder,
  })
  await proxy.line('up')
  proxy.signal('SIGHUP')
  await proxy.line("Can't read child pidfile none!")
  expect((await proxy.ended()).exitCode).toBe(0)
  expect(await kahi(['pidproxy'])).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('Usage: ') })
})

test('install makes links, keeps originals, names those that are still reached, and puts all back', async () => {
  const folder = scratch()
  const [bin, other] = [join(folder, 'bin'), join(folder, 'other')]
  for (const one of [bin, other]) mkdirSync(one)
  for (const one of [bin, other]) writeFileSync(join(one, 'supervisord'), 'the original')
  const install = (...args: string[]) =>
    kahi(['install', '--as', 'supervisord', ...args], { env: { PATH: `${bin}:${other}:${process.env.PATH ?? ''}` } })
  const made = await install('--dir', bin)
  expect(made.exitCode).toBe(0)
  expect(made.stdout).toContain(`${bin}/supervisord -> `)
  expect(made.stdout).toContain(`(the original is kept as ${bin}/supervisord.kahi-original)`)
  expect(made.stderr).toContain(`${other}/supervisord is still the original`)
  expect(realpathSync(readlinkSync(join(bin, 'pidproxy')))).toBe(realpathSync(kahiPath))
  expect((await kahi(['-h'], { program: join(bin, 'supervisorctl') })).stdout).toContain('Usage: supervisorctl')
  expect((await install('--dir', bin)).exitCode).toBe(0)
  expect((await install('--dir', bin, '--undo')).stdout).toContain(`removed ${bin}/supervisorctl`)
  expect(readFileSync(join(bin, 'supervisord'), 'utf8')).toBe('the original')
  expect(readdirSync(bin)).toEqual(['supervisord'])
})

test('install says in a line what the system refuses', async () => {
  const folder = scratch()
  writeFileSync(join(folder, 'file'), '')
  const hint = '  hint: choose another --dir, or run it as a user who may\n'
  const install = (directory: string) => kahi(['install', '--as', 'supervisord', '--dir', join(folder, directory)])
  expect(await install('missing')).toMatchObject({
    exitCode: 111,
    stderr: `error: ${folder}/missing/: its directory does not exist\n${hint}`,
  })
  expect(await install('file')).toMatchObject({
    exitCode: 111,
    stderr: `error: ${folder}/file/: a part of the path is no directory\n${hint}`,
  })
})

test('supervisorctl takes the server of a kahi.toml, whatever its name, and wants its section in a supervisord.conf', async () => {
  const folder = scratch()
  const socket = join(folder, 'none.sock')
  writeFileSync(join(folder, 'settings'), `[server.unix]\nfile = "${socket}"\n`)
  writeFileSync(join(folder, 'supervisord.conf'), `[unix_http_server]\nfile=${socket}\n`)
  const ask = (file: string) => kahi(['supervisorctl', '-c', join(folder, file), 'status'])
  expect((await ask('settings')).stdout).toBe(`unix://${socket} no such file\n`)
  expect((await ask('supervisord.conf')).stderr).toContain('Error: .ini file does not include supervisorctl section')
})

test('migrate offers no format that it does not convert', async () => {
  const { exitCode, stderr } = await kahi(['migrate', '--format', 'kahi', 'kahi.toml'])
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('"s6-overlay", "s6-rc"') })
  expect((await kahi(['migrate', '--help'])).stdout.replace(/\s+/g, ' ')).toContain(
    `The configuration (${titlesOf(oldFormats)})`,
  )
})
