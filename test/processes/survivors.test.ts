// A supervisor with a fake helper and a real process.

import { spawn } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { config, group } from '../helpers/settings.ts'
import { harness, states } from '../helpers/supervisor.ts'

test('a process that would not die is not forgotten when it is no longer configured', async () => {
  const sleep = spawn('sleep', ['1000'], { detached: true })
  onTestFinished(() => void sleep.kill('SIGKILL'))
  const parts = harness()
  const { supervisor, shim, log, clock } = parts
  shim.nextPid = sleep.pid ?? 0
  await supervisor.apply(config([group('a')]))
  await clock.advance(1500)
  shim.killError = Object.assign(new Error('no'), { code: 'EPERM' })
  await supervisor.apply(config([group('b')]))
  expect(states(supervisor)).toEqual(['b:b starting'])
  expect(log.lines).toContain(
    `warn process ${sleep.pid} of 'a' is still running after 'a' exited; stopasgroup = true stops them too`,
  )
  shim.killError = undefined
  await supervisor.shutdown()
  expect(shim.signals.filter(({ pid }) => pid === sleep.pid)).toContainEqual({
    pid: sleep.pid,
    signal: 9,
    target: 'group',
  })
})
