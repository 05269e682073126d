// How `kahi daemon` reads its files again, and files of other formats.

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

import { join } from 'node:path'

import { expect, test } from 'vitest'
import { kahi, scratch, startDaemon, startReady } from '../../helpers/kahi.ts'

import { program, states, write } from './files.ts'

test('SIGHUP applies what changed and leaves the rest alone; an invalid file changes nothing', async () => {
  const directory = scratch()
  const keep = program('keep', 'sleep 1000')
  const file = write(directory, keep + program('gone', 'sleep 1000') + program('changed', 'sleep 1000'))
  const daemon = await startReady(file)
  const pid = /pid (\d+)/.exec(await daemon.line("spawned: 'keep'"))?.[1]
  writeFileSync(file, 'nonsense')
  daemon.signal('SIGHUP')
  await daemon.line('the new configuration is invalid; the old one stays in force')
  expect(await states(directory)).toEqual({ changed: 'RUNNING', gone: 'RUNNING', keep: 'RUNNING' })
  write(directory, keep + program('changed', 'sleep 1001') + program('fresh', 'sleep 1000'))
  daemon.signal('SIGHUP')
  await daemon.line('reloaded the configuration; 1 groups unchanged')
  const output = daemon.output()
  for (const line of ['removed: gone', 'changed: changed (command)', 'added: fresh']) expect(output).toContain(line)
  await daemon.line("spawned: 'fresh'")
  const after = await kahi(['ctl', '-c', file, 'pid', 'keep'])
  expect(after.stdout).toBe(`${pid}\n`)
  expect(await states(directory)).toEqual({ changed: 'RUNNING', fresh: 'RUNNING', keep: 'RUNNING' })
})

test('a file that has become empty changes nothing; one that was empty before may stay so', async () => {
  const directory = scratch()
  const file = write(directory, program('keep', 'sleep 1000'))
  const daemon = await startReady(file)
  writeFileSync(file, '# written anew\n\n')
  daemon.signal('SIGHUP')
  await daemon.line('The file has no tables any more; applying it would end all programs')
  await daemon.line('the new configuration is invalid; the old one stays in force')
  const socket = join(directory, 'k.sock')
  const apply = await kahi(['ctl', '-s', socket, 'apply'])
  expect(apply.exitCode).not.toBe(0)
  expect(apply.stdout + apply.stderr).toContain(`${file}:1:1: error: The file has no tables any more`)
  expect((await kahi(['ctl', '-s', socket, 'status', 'keep'])).stdout).toContain('RUNNING')
  const empty = join(directory, 'empty.toml')
  writeFileSync(empty, '')
  const idle = startDaemon(['daemon', '-c', empty], {
    cwd: directory,
    env: { KAHI_SOCKET: join(directory, 'idle.sock') },
  })
  await idle.line('kahi started with pid')
  idle.signal('SIGHUP')
  await idle.line('reloaded the configuration; 0 groups unchanged')
})

test('servers that change are said to need a restart', async () => {
  const directory = scratch()
  const file = write(directory, '')
  const daemon = await startReady(file)
  writeFileSync(file, `[server.unix]\nfile = "${directory}/other.sock"\n`)
  daemon.signal('SIGHUP')
  await daemon.line('servers changed: restart kahi to apply that')
})

test('SIGUSR2 opens the logs anew', async () => {
  const directory = scratch()
  const log = join(directory, 'kahi.log')
  const out = join(directory, 'a.log')
  const settings = `stdout_logfile = "${out}"\nautostart = true`
  const daemon = await startReady(
    write(directory, program('a', `sh -c 'echo one; read x; echo two'`, settings), `logfile = "${log}"`),
  )
  await daemon.line("spawned: 'a'")
  renameSync(log, `${log}.old`)
  renameSync(out, `${out}.old`)
  daemon.signal('SIGUSR2')
  await daemon.line('received SIGUSR2 indicating log reopen request')
  await kahi(['ctl', '-s', join(directory, 'k.sock'), 'restart', 'a'])
  expect(readFileSync(log, 'utf8')).toContain("spawned: 'a'")
  expect(existsSync(out)).toBe(true)
})

test('a tree of s6-rc is converted each time it is read', async () => {
  const directory = scratch()
  const tree = join(directory, 's6-rc.d')
  const define = (name: string, said: string): void => {
    mkdirSync(join(tree, name), { recursive: true })
    writeFileSync(join(tree, name, 'type'), 'longrun\n')
    writeFileSync(join(tree, name, 'run'), `#!/bin/sh\necho ${said}\nexec sleep 1000\n`, { mode: 0o755 })
  }
  define('web', 'one')
  const daemon = startDaemon(['daemon', '-c', tree], { cwd: directory })
  await daemon.line('one')
  define('db', 'two')
  daemon.signal('SIGHUP')
  await daemon.line('two')
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
})

test('a supervisord.conf is converted', async () => {
  const directory = scratch()
  const conf = join(directory, 'supervisord.conf')
  writeFileSync(
    conf,
    `[supervisord]\n[unix_http_server]\nfile=%(here)s/k.sock\n[program:p]\ncommand=sh -c 'echo %(program_name)s; exec sleep 1000'\n`,
  )
  const daemon = startDaemon(['daemon', '-c', conf], { cwd: directory })
  await daemon.line(/success: p entered RUNNING/)
  expect(await states(directory)).toEqual({ p: 'RUNNING' })
  daemon.signal('SIGTERM')
  await daemon.ended()
})
