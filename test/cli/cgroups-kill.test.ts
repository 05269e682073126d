// A stop kills everything in a program's cgroup: also processes that are made without a pause, and no process of others.

import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Cgroups } from '../../runtime/shim/client/cgroups.ts'
import { hasHelper, kahi, scratch, startDaemon } from '../helpers/kahi.ts'
import { isRunning } from '../helpers/processes.ts'
import { eventually } from '../helpers/wait.ts'

test('a listed number that belongs to a process outside is not killed, and no process can be made meanwhile', () => {
  const folder = scratch()
  const [own, proc] = [join(folder, 'cgroup'), join(folder, 'proc')]
  for (const path of [own, proc]) mkdirSync(path)
  writeFileSync(join(own, 'cgroup.controllers'), 'pids\n')
  writeFileSync(join(proc, 'cgroup'), '0::/\n')
  writeFileSync(join(proc, 'mountinfo'), `30 1 0:26 / ${own} rw - cgroup2 cgroup2 rw\n`)
  const cgroups = new Cgroups(7, proc)
  cgroups.join('g:web', { memory: undefined, cpu: undefined, pids: 5 })
  const stranger = spawn('sleep', ['1000'])
  onTestFinished(() => void stranger.kill())
  const place = join(own, 'kahi-7/g:web')
  writeFileSync(join(place, 'cgroup.procs'), `0\n1\n${stranger.pid}\n`)
  cgroups.kill('g:web')
  expect(readFileSync(join(place, 'pids.max'), 'utf8')).toBe('0')
  expect([isRunning(stranger.pid ?? 0), stranger.killed, stranger.signalCode]).toEqual([true, false, null])
  cgroups.join('g:web', { memory: undefined, cpu: undefined, pids: 5 })
  expect(readFileSync(join(place, 'pids.max'), 'utf8')).toBe('5')
})

function hasMemory(): boolean {
  const cgroups = new Cgroups(process.pid)
  const { notice } = cgroups.join('a:a', { memory: 1024 ** 3, cpu: undefined, pids: undefined })
  cgroups.close()
  return notice === undefined
}

const canLimit = hasHelper && hasMemory()
if (!canLimit) console.warn('no cgroup for memory can be written, or no helper: chains of processes are not tested')

test.runIf(canLimit)('processes that each start the next one and end do not outlive a stop', async () => {
  const folder = scratch()
  const [file, chain] = [join(folder, 'kahi.toml'), join(folder, 'chain')]
  writeFileSync(chain, `#!/bin/sh\n"$0" &\n`)
  chmodSync(chain, 0o755)
  const script = `for i in 1 2 3 4; do setsid ${chain} & done; exec sleep 1000`
  const program = `command = ["/bin/sh", "-c", "${script}"]\ndirectory = "${folder}"\nlimits = { memory = "256MB" }\n`
  writeFileSync(file, `[server.unix]\nfile = "${folder}/k.sock"\n[programs.p]\n${program}`)
  const daemon = startDaemon(['daemon', '-c', file], { cwd: folder })
  await daemon.line('success: p entered RUNNING')
  const alive = () => readdirSync('/proc').filter((pid) => commandOf(pid) === `/bin/sh\0${chain}\0`)
  await eventually(() => alive().length > 0, 'a chain runs')
  await kahi(['ctl', '-c', file, 'stop', 'p'])
  await eventually(() => expect(alive()).toEqual([]))
  await kahi(['ctl', '-c', file, 'start', 'p'])
  await eventually(() => alive().length > 0, 'a chain runs again')
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  expect(alive()).toEqual([])
})

function commandOf(pid: string): string {
  try {
    return /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : ''
  } catch {
    return ''
  }
}
