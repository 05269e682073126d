// The daemon process dies: the next one has the same processes, every line of their output, and the same state.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { processState } from '../../helpers/processes.ts'
import { eventually } from '../../helpers/wait.ts'
import { end, shim, survivor } from './survivor.ts'

describe.skipIf(!existsSync(shim))('a crash of kahi (needs the native helper)', () => {
  test('three times below twenty writers: same processes, no line lost or twice', async () => {
    const run = await survivor(`[programs.tick]
command = ["/bin/sh", "-c", "i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done"]
process_name = "tick%(process_num)d"
numprocs = 20
stopasgroup = true
stdout_logfile = "DIR/%(process_num)d.log"
`)
    await eventually(() => existsSync(join(run.folder, '19.log')), 'all have begun')
    const before = await run.status()
    for (let round = 0; round < 3; round++) await run.crash()
    const after = await run.status()
    for (const [name, { pid, start }] of Object.entries(before)) expect(after[name]).toMatchObject({ pid, start })
    await end(run)
    for (let index = 0; index < 20; index++) {
      const lines = readFileSync(join(run.folder, `${index}.log`), 'utf8')
        .trim()
        .split('\n')
        .map(Number)
      expect(lines).toEqual(lines.map((_, at) => at + 1))
    }
    expect(Object.values(before).filter(({ pid }) => processState(pid) !== undefined)).toEqual([])
  })

  test('what ended meanwhile, what was stopped, what had failed; with survive in the file only', async () => {
    const run = await survivor(
      `[programs.ends]
command = ["/bin/sh", "-c", "while [ ! -e DIR/end ]; do sleep 0.02; done; exit 42"]
autorestart = false
startsecs = 0
[programs.again]
command = ["/bin/sh", "-c", "while [ ! -e DIR/end ] || [ -e DIR/again ]; do sleep 0.02; done; : > DIR/again"]
autorestart = true
startsecs = 0
[programs.halted]
command = "/bin/sleep 1000"
[programs.hopeless]
command = "/bin/false"
startretries = 0
[programs.idle]
command = "/bin/sleep 1000"
autostart = false
[programs.auto]
command = ["/bin/sh", "-c", "echo hello; exec sleep 1000"]
stdout_logfile = "AUTO"
`,
      { byHand: true },
    )
    await run.daemon.line('gave up: hopeless')
    await run.daemon.line("spawned: 'auto'")
    await run.ctl('stop', 'halted')
    const { again } = await run.status()
    const logs = readdirSync(run.folder).filter((name) => name.endsWith('.log'))
    process.kill(run.nodePid(), 'SIGKILL')
    writeFileSync(join(run.folder, 'end'), '')
    await run.daemon.line('exited: ends (exit status 42; not expected)')
    await eventually(() => run.daemon.output().split("spawned: 'again'").length === 3, 'it was started again')
    const after = await run.status()
    expect(after).toMatchObject({
      ends: { state: 'EXITED', exitstatus: 42 },
      halted: { state: 'STOPPED' },
      hopeless: { state: 'FATAL' },
      idle: { state: 'STOPPED' },
      auto: { state: 'RUNNING' },
    })
    expect(after.again?.pid).not.toBe(again?.pid)
    expect(readdirSync(run.folder).filter((name) => name.endsWith('.log'))).toEqual(logs)
    expect((await run.ctl('tail', 'auto')).stdout).toBe('hello\n\n')
    await run.crash()
    expect(await run.status()).toMatchObject({
      ends: { state: 'EXITED', exitstatus: 42 },
      halted: { state: 'STOPPED' },
    })
    expect(run.daemon.output().split('exit status 42')).toHaveLength(2)
    await end(run)
  })

  test('oneshots: what is up stays up, what runs keeps running, and those that wait keep waiting', async () => {
    const run = await survivor(`[oneshots.done]
up = ["/bin/sh", "-c", "echo ran >> DIR/done"]
[oneshots.long]
up = ["/bin/sh", "-c", "while [ ! -e DIR/end ]; do sleep 0.02; done; echo ran >> DIR/long"]
[programs.after]
command = "/bin/sleep 1000"
depends_on = ["done", "long"]
`)
    await run.daemon.line('up: done')
    await run.daemon.line("spawned: 'long' up")
    const before = await run.status()
    await run.crash()
    expect(await run.status()).toMatchObject({
      done: { state: 'EXITED' },
      long: { state: 'STARTING', pid: before.long?.pid },
      after: { state: 'STOPPED', description: 'waiting for long' },
    })
    writeFileSync(join(run.folder, 'end'), '')
    await run.daemon.line("spawned: 'after'")
    expect(readFileSync(join(run.folder, 'done'), 'utf8')).toBe('ran\n')
    expect(readFileSync(join(run.folder, 'long'), 'utf8')).toBe('ran\n')
    expect(run.daemon.output().split("spawned: 'long' up")).toHaveLength(2)
    await end(run)
  })

  test('ready stays ready, not yet ready is asked again, a check under way is ended; the graph holds at the end', async () => {
    const run = await survivor(`[programs.db]
command = ["/bin/sh", "-c", "echo up; exec sleep 1000"]
ready = { log = "^up" }
[programs.web]
command = "/bin/sleep 1000"
depends_on = ["db"]
[programs.slow]
command = ["/bin/sh", "-c", "while [ ! -e DIR/end ]; do sleep 0.02; done; echo >&5; exec sleep 1000"]
ready = { fd = 5 }
[programs.checked]
command = "/bin/sleep 1000"
ready = { exec = ["/bin/sh", "-c", "echo $$ >> DIR/checks; exec sleep 1000"], timeout = 500 }
[programs.last]
command = "/bin/sleep 1000"
depends_on = ["slow"]
`)
    await run.daemon.line("spawned: 'web'")
    const checks = () => readFileSync(join(run.folder, 'checks'), 'utf8').trim().split('\n').map(Number)
    await eventually(() => existsSync(join(run.folder, 'checks')), 'a check runs')
    const before = await run.status()
    const [check = 0] = checks()
    await run.crash()
    await eventually(() => processState(check) === undefined, 'the old check is gone')
    await eventually(() => checks().length === 2, 'it is checked again')
    writeFileSync(join(run.folder, 'end'), '')
    await run.daemon.line("spawned: 'last'")
    const after = await run.status()
    for (const name of ['db', 'web', 'slow', 'checked']) expect(after[name]?.pid).toBe(before[name]?.pid)
    expect(run.daemon.output().split('ready: db')).toHaveLength(2)
    expect(run.daemon.output()).not.toContain('no longer configured')
    await end(run)
    const ended = run.daemon.output()
    expect(ended.indexOf('stopped: web')).toBeLessThan(ended.indexOf('stopped: db'))
    expect(ended.indexOf('stopped: last')).toBeLessThan(ended.indexOf('stopped: slow'))
  })
})
