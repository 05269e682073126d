// The daemon process dies while programs stop, or the list of programs to stop changes meanwhile.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { processState } from '../../helpers/processes.ts'
import { eventually } from '../../helpers/wait.ts'
import { end, shim, SLEEPER, survivor } from './survivor.ts'

describe.skipIf(!existsSync(shim))('a crash of kahi before or during a stop (needs the native helper)', () => {
  test('a stop under way continues, to SIGKILL when its time is up', async () => {
    const run = await survivor(`[programs.stubborn]
command = ["/bin/sh", "-c", "trap 'echo heard' TERM; echo armed; while :; do sleep 0.05; done"]
stopwaitsecs = 3
stopasgroup = true
`)
    await run.daemon.line('armed')
    const stop = run.ctl('stop', 'stubborn')
    await run.daemon.line('heard')
    await run.crash()
    await stop
    await run.daemon.line("killing 'stubborn'")
    await run.daemon.line('stopped: stubborn (terminated by SIGKILL)')
    await end(run)
  })

  test('SIGTERM while there is no daemon process ends everything in order', async () => {
    const run = await survivor(SLEEPER)
    await run.daemon.line("spawned: 'p'")
    process.kill(run.nodePid(), 'SIGKILL')
    await run.daemon.line('starting it again')
    run.daemon.signal('SIGTERM')
    expect(await run.daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(run.daemon.output()).toContain('stopped: p (terminated by SIGTERM)')
  })

  test('what is no longer configured is stopped by the next daemon process', async () => {
    const run = await survivor(`${SLEEPER}[programs.q]\ncommand = "/bin/sleep 1000"\n`)
    await run.daemon.line("spawned: 'q'")
    const { p, q } = await run.status()
    const file = join(run.folder, 'kahi.toml')
    writeFileSync(file, readFileSync(file, 'utf8').replace(/\[programs\.q\]\n.*\n/, ''))
    await run.crash()
    await eventually(() => processState(q?.pid ?? 0) === undefined, 'q is gone')
    expect(await run.status()).toMatchObject({ p: { pid: p?.pid } })
    await end(run)
  })

  test('a shutdown under way continues, with the exit code that it had', async () => {
    const run = await survivor(`[programs.job]
command = ["/bin/sh", "-c", "while [ ! -e DIR/end ]; do sleep 0.02; done; exit 7"]
startsecs = 0
on_exit = "shutdown"
[programs.slow]
command = ["/bin/sh", "-c", "trap 'echo heard' TERM; echo armed; while [ ! -e DIR/go ]; do sleep 0.02; done"]
stopasgroup = true
[programs.later]
command = "/bin/sleep 1000"
autorestart = true
`)
    await run.daemon.line('armed')
    writeFileSync(join(run.folder, 'end'), '')
    await run.daemon.line('heard')
    process.kill(run.nodePid(), 'SIGKILL')
    await run.daemon.line('continuing the shutdown')
    writeFileSync(join(run.folder, 'go'), '')
    expect(await run.daemon.ended()).toMatchObject({ exitCode: 7 })
    expect(run.daemon.output().split("spawned: 'later'")).toHaveLength(2)
  })

  test('what is no longer configured gets its own stop signal', async () => {
    const run = await survivor(`[programs.p]
command = ["/bin/sh", "-c", "trap 'echo heard > DIR/heard; exit' INT; echo armed; while :; do sleep 0.02; done"]
stopsignal = "INT"
`)
    await run.daemon.line('armed')
    const { p } = await run.status()
    const file = join(run.folder, 'kahi.toml')
    writeFileSync(file, readFileSync(file, 'utf8').replace(/\[programs\.p\]\n.*\n.*\n/, ''))
    await run.crash()
    await eventually(() => processState(p?.pid ?? 0) === undefined, 'p is gone')
    expect(readFileSync(join(run.folder, 'heard'), 'utf8')).toBe('heard\n')
    await end(run)
  })
})
