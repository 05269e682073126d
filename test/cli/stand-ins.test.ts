// echo_supervisord_conf, pidproxy and `kahi install`: the smaller programs of supervisor.

import { existsSync, mkdirSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
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

test('pidproxy says when there is no pidfile, and goes on', async () => {
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

test('install makes links, leaves what is not ours alone, and takes them away again', async () => {
  const folder = scratch()
  const [bin, other] = [join(folder, 'bin'), join(folder, 'other')]
  for (const one of [bin, other]) mkdirSync(one)
  writeFileSync(join(other, 'supervisord'), '')
  const install = (...args: string[]) =>
    kahi(['install', '--as', 'supervisord', ...args], { env: { PATH: `${bin}:${other}:${process.env.PATH ?? ''}` } })
  const made = await install('--dir', bin)
  expect(made.stdout).toContain(`${bin}/supervisord -> `)
  expect(made.stdout).toContain(`shadows ${other}/supervisord`)
  expect(realpathSync(readlinkSync(join(bin, 'pidproxy')))).toBe(realpathSync(kahiPath))
  expect((await kahi(['-h'], { program: join(bin, 'supervisorctl') })).stdout).toContain('Usage: supervisorctl')
  expect((await install('--dir', bin)).exitCode).toBe(0)
  expect(await install('--dir', other)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('not a link to kahi'),
  })
  expect((await install('--dir', bin, '--undo')).stdout).toContain(`removed ${bin}/supervisorctl`)
  expect(existsSync(join(bin, 'supervisord'))).toBe(false)
})

test('install says in a line what the system refuses', async () => {
  const folder = scratch()
  writeFileSync(join(folder, 'file'), '')
  const hint = '  hint: choose another --dir, or run it as a user who may\n'
  const install = (directory: string) => kahi(['install', '--as', 'supervisord', '--dir', join(folder, directory)])
  expect(await install('missing')).toMatchObject({
    exitCode: 111,
    stderr: `error: ${folder}/missing/supervisord: its directory does not exist\n${hint}`,
  })
  expect(await install('file')).toMatchObject({
    exitCode: 111,
    stderr: `error: ${folder}/file/supervisord: a part of the path is no directory\n${hint}`,
  })
})
