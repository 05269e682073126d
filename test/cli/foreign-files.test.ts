// A service's user puts files at paths where the daemon expects its own files. The daemon does not wait for them and follows no link.

import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, scratch, startDaemon } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'

const isRoot = process.getuid?.() === 0
const NEEDS = 'needs root, to have files of two users'
const USER = 1234

function foreignFolder(parent: string, name: string): string {
  const folder = join(parent, name)
  mkdirSync(folder)
  chmodSync(parent, 0o755)
  chownSync(folder, USER, USER)
  return folder
}

async function daemonWith(toml: (folder: string) => string) {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  writeFileSync(file, `[server.unix]\nfile = "${folder}/s"\n${toml(folder)}`)
  const daemon = startDaemon(['daemon', '-c', file], { cwd: folder })
  await daemon.line('kahi started with pid')
  return { folder, daemon, ctl: (...args: string[]) => kahi(['ctl', '-c', file, ...args]) }
}

test('a FIFO in place of a program whose interpreter is missing is not waited for', async () => {
  const { folder, daemon, ctl } = await daemonWith(
    (folder) =>
      `[programs.a]\ncommand = "${folder}/run"\nrestart = { delay = 0.1, limit = 0 }\n` +
      '[programs.b]\ncommand = "/bin/sleep 999"\nstartsecs = 0\n',
  )
  const fifo = join(folder, 'fifo')
  execFileSync('mkfifo', ['-m', '755', fifo])
  writeFileSync(join(folder, 'script'), '#!/nonexistent/interpreter\n', { mode: 0o755 })
  for (let round = 0; round < 20; round += 1) {
    for (const target of ['script', 'fifo']) {
      execFileSync('ln', ['-sfn', target, join(folder, 'run')])
      expect((await ctl('status', 'b')).stdout).toContain('RUNNING')
    }
  }
  daemon.signal('SIGTERM')
  expect((await daemon.ended()).exitCode).toBe(0)
})

test.each(['mkfifo "$0"', 'ln -s /dev/zero "$0"'])(
  'the daemon ends though its pidfile has become another file: %s',
  async (command) => {
    const { folder, daemon } = await daemonWith((folder) => `[supervisor]\npidfile = "${folder}/pid"\n`)
    const pidfile = join(folder, 'pid')
    await eventually(() => existsSync(pidfile), 'a pidfile')
    rmSync(pidfile)
    execFileSync('sh', ['-c', command, pidfile])
    daemon.signal('SIGTERM')
    expect((await daemon.ended()).exitCode).toBe(0)
  },
)

test.skipIf(!isRoot)(`a directory supervise of another user is not used (${NEEDS})`, async () => {
  const precious = join(scratch(), 'precious')
  writeFileSync(precious, 'precious', { mode: 0o600 })
  const { daemon, ctl } = await daemonWith((folder) => {
    mkdirSync(join(folder, 'scan'))
    const service = foreignFolder(join(folder, 'scan'), 'app')
    const supervise = foreignFolder(service, 'supervise')
    execFileSync('mkfifo', [join(supervise, 'control')])
    chownSync(join(supervise, 'control'), USER, USER)
    symlinkSync(precious, join(service, 'down'))
    execFileSync('mkfifo', [join(service, 'max-death-tally')])
    writeFileSync(join(service, 'run'), '#!/bin/sh\nexec sleep 999\n', { mode: 0o755 })
    return `[supervisor]\nscan_directory = "${folder}/scan"\n`
  })
  await daemon.line('the tools of s6 cannot reach')
  expect((await ctl('status')).exitCode).toBeLessThan(4)
  expect(readFileSync(precious, 'utf8')).toBe('precious')
  daemon.signal('SIGTERM')
  expect((await daemon.ended()).exitCode).toBe(0)
  expect(readFileSync(precious, 'utf8')).toBe('precious')
})
