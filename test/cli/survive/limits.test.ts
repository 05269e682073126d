// Data that does not survive the daemon process, and set-ups in which no process survives.

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { kahi, scratch, startDaemon } from '../../helpers/kahi.ts'
import { processState } from '../../helpers/processes.ts'
import { eventually } from '../../helpers/wait.ts'
import { end, shim, SLEEPER, survivor } from './survivor.ts'

describe.skipIf(!existsSync(shim))('where survive ends (needs the native helper)', () => {
  test('SIGUSR1 opens no debugger', async () => {
    const run = await survivor(`[supervisor]\nlog_level = "debug"\n${SLEEPER}`)
    await run.daemon.line("spawned: 'p'")
    process.kill(run.nodePid(), 'SIGUSR1')
    await run.daemon.line('ignored SIGUSR1')
    expect(run.daemon.output()).not.toContain('Debugger listening')
    await end(run)
  })

  test('a daemon process that cannot start five times in a row ends everything', async () => {
    const run = await survivor(SLEEPER)
    await run.daemon.line("spawned: 'p'")
    const { p } = await run.status()
    writeFileSync(join(run.folder, 'kahi.toml'), 'nonsense')
    process.kill(run.nodePid(), 'SIGKILL')
    expect(await run.daemon.ended()).toMatchObject({ exitCode: 2 })
    expect(run.daemon.output().split('starting it again')).toHaveLength(5)
    expect(processState(p?.pid ?? 0)).toBeUndefined()
  })

  test('without it nothing survives, and the file alone says what is missing', async () => {
    const folder = scratch()
    const file = join(folder, 'kahi.toml')
    writeFileSync(file, `[supervisor]\nsurvive = true\n[server.unix]\nfile = "${folder}/k.sock"\n${SLEEPER}`)
    const daemon = startDaemon(['daemon', '-c', file], { cwd: folder })
    await daemon.line('survive has no effect')
    const pid = Number(/with pid (\d+)/.exec(await daemon.line("spawned: 'p'"))?.[1])
    expect(await kahi(['ctl', '-c', file, 'upgrade'])).toMatchObject({
      exitCode: 1,
      stdout: 'error: this kahi cannot be replaced: start it with kahi daemon --survive\n',
    })
    daemon.signal('SIGKILL')
    await daemon.ended()
    await eventually(() => processState(pid) === undefined, 'p is gone')
  })

  test('without the native helper that is what is said to be missing', async () => {
    const folder = scratch()
    const file = join(folder, 'kahi.toml')
    writeFileSync(file, `[server.unix]\nfile = "${folder}/k.sock"\n${SLEEPER}`)
    const daemon = startDaemon(['daemon', '--survive', '-c', file], { cwd: folder, env: { KAHI_SHIM: 'none' } })
    await daemon.line('survive has no effect: the native helper is missing')
    await daemon.line('kahi started with pid')
    expect((await kahi(['ctl', '-c', file, 'upgrade'])).stdout).toBe(
      'error: this kahi cannot be replaced: the native helper is missing\n',
    )
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  })
})
