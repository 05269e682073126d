// How `kahi daemon` ends.

import { existsSync, readFileSync } from 'node:fs'

import { join } from 'node:path'

import { expect, test } from 'vitest'
import { kahi, scratch, startReady } from '../../helpers/kahi.ts'
import { processState } from '../../helpers/processes.ts'
import { eventually } from '../../helpers/wait.ts'
import { ignoreTerm, postTo, program, write } from './files.ts'

test.each(['SIGTERM', 'SIGINT', 'SIGQUIT'] as const)(
  '%s ends everything in order and leaves nothing',
  async (signal) => {
    const directory = scratch()
    const pidfile = join(directory, 'pid')
    const daemon = await startReady(write(directory, program('a', 'sleep 1000'), `pidfile = "${pidfile}"`))
    const pid = Number(/pid (\d+)/.exec(await daemon.line("spawned: 'a'"))?.[1])
    expect(readFileSync(pidfile, 'utf8')).toBe(`${daemon.pid}\n`)
    daemon.signal(signal)
    const { exitCode, stdout } = await daemon.ended()
    expect(stdout).toContain(`received ${signal} indicating exit request`)
    expect(stdout).toContain('stopped: a (terminated by SIGTERM)')
    expect(exitCode).toBe(0)
    expect([processState(pid), existsSync(pidfile), existsSync(join(directory, 'k.sock'))]).toEqual([
      undefined,
      false,
      false,
    ])
  },
)

test('restart waits for a process that is stopping already', async () => {
  const directory = scratch()
  const slow = `/bin/sh -c 'trap "sleep 1; exit 0" TERM; echo armed; while :; do sleep 0.1; done'`
  const daemon = await startReady(write(directory, program('a', slow)))
  await daemon.line('armed')
  const socket = join(directory, 'k.sock')
  const post = (verb: string) => postTo(socket, `/api/v1/processes/a/${verb}`)
  expect(await post('stop?wait=false')).toMatchObject({ status: 'stopped' })
  expect(await post('restart?wait=true')).toMatchObject({ status: 'restarted' })
})

test('a second signal kills what does not end', async () => {
  const directory = scratch()
  const daemon = await startReady(write(directory, program('a', ignoreTerm, 'stopwaitsecs = 3600')))
  await daemon.line('armed')
  daemon.signal('SIGTERM')
  await daemon.line('waiting for a to die')
  daemon.signal('SIGINT')
  const { exitCode, stdout } = await daemon.ended()
  expect(stdout).toContain('stopped: a (terminated by SIGKILL)')
  expect(exitCode).toBe(0)
})

test.each(['ctl stop', 'SIGTERM'])(
  'restart = "s6": a process that is stopped by SIGSTOP hears the stop signal, after %s',
  async (how) => {
    const directory = scratch()
    const script = `sh -c 'trap "echo heard; exit 0" TERM; echo up; while :; do sleep 0.1; done'`
    const file = write(directory, program('a', script, 'restart = "s6"\nautorestart = true\ntimeout_kill = 0'))
    const daemon = await startReady(file)
    await daemon.line(/"message":"up"/)
    const pid = Number((await kahi(['ctl', '-c', file, 'pid', 'a'])).stdout)
    process.kill(pid, 'SIGSTOP')
    await eventually(() => processState(pid) === 'T', 'it is stopped')
    if (how === 'SIGTERM') daemon.signal(how)
    else expect((await kahi(['ctl', '-c', file, 'stop', 'a'])).stdout).toBe('a: stopped\n')
    await daemon.line(/"message":"heard"/)
    await daemon.line('stopped: a (exit status 0)')
  },
)
