// kahi dies or is replaced, its programs keep running: with the same processes, every line of their output, and what it knew.

import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Daemon, kahi, kahiPath, root, scratch, startDaemon } from '../helpers/kahi.ts'
import { processState } from '../helpers/processes.ts'
import { eventually } from '../helpers/wait.ts'

const shim = join(root, 'dist/kahi-shim')
const SLEEPER = '[programs.p]\ncommand = "/bin/sleep 1000"\n'

interface Run {
  readonly folder: string
  readonly daemon: Daemon
  ctl(...args: string[]): Promise<{ stdout: string; exitCode: number | undefined }>
  /** Processes by name as `kahi ctl status --json` has them. */
  status(): Promise<Record<string, { state: string; pid: number; exitstatus: number; start: number }>>
  /** Pids of the Node process. */
  nodePid(): number
  /** SIGKILL to the Node process; resolves when another has its place and has started or adopted everything. */
  crash(): Promise<void>
}

/** Starts kahi so that it survives: by the option, or below a helper started by hand, where the file alone is enough. */
async function survivor(toml: string, { byHand = false, dist = join(root, 'dist') } = {}): Promise<Run> {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  const table = toml.includes('[supervisor]') ? '' : '[supervisor]\n'
  const text = `${table}${toml}`.replace(
    '[supervisor]\n',
    `[supervisor]\nchildlogdir = "DIR"\n${byHand ? 'survive = true\n' : ''}`,
  )
  writeFileSync(file, `${text}[server.unix]\nfile = "DIR/k.sock"\n`.replaceAll('DIR', folder))
  const words = ['daemon', '-c', file, ...(byHand ? [] : ['--survive'])]
  const daemon = byHand
    ? startDaemon(['parent', kahiPath, ...words], { program: shim, cwd: folder })
    : startDaemon(words, { program: join(dist, 'kahi'), cwd: folder })
  await daemon.line('kahi started with pid')
  const ctl = (...args: string[]) => kahi(['ctl', '-c', file, ...args], { cwd: folder })
  const status: Run['status'] = async () => {
    const processes: { name: string }[] = JSON.parse((await ctl('status', '--json')).stdout)
    return Object.fromEntries(processes.map((process) => [process.name, process])) as never
  }
  const nodePid = () => children(daemon.pid).find((pid) => commandName(pid) === 'node') ?? 0
  const starts = () => daemon.output().split('kahi started with pid').length
  const crash = async () => {
    const before = starts()
    process.kill(nodePid(), 'SIGKILL')
    await eventually(() => starts() > before, 'another daemon process has started')
    await status()
  }
  return { folder, daemon, ctl, status, nodePid, crash }
}

function children(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}

function commandName(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
}

async function end({ daemon }: Run): Promise<void> {
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
}

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
    for (const [name, { pid, start }] of Object.entries(before)) {
      expect(after[name]).toMatchObject({ pid })
      expect(Math.abs((after[name]?.start ?? 0) - start)).toBeLessThanOrEqual(1)
    }
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

test('kahi check --format takes a file for what it is, whatever its name', async () => {
  const file = join(scratch(), 'services.conf')
  writeFileSync(file, SLEEPER)
  expect(await kahi(['check', file])).toMatchObject({ exitCode: 2 })
  expect(await kahi(['check', '--format', 'supervisord', file])).toMatchObject({ exitCode: 2 })
  expect(await kahi(['check', '--format', 'kahi', file])).toMatchObject({ exitCode: 0 })
})

describe.skipIf(!existsSync(shim))('kahi ctl upgrade (needs the native helper)', () => {
  test('another version takes over; one that cannot run changes nothing', async () => {
    const dist = join(scratch(), 'dist')
    cpSync(join(root, 'dist'), dist, { recursive: true })
    const run = await survivor(`[supervisor]\npidfile = "DIR/pid"\n${SLEEPER}`, { dist })
    await run.daemon.line("spawned: 'p'")
    const pidfile = join(run.folder, 'pid')
    const before = [
      await run.status().then(({ p }) => p?.pid),
      readFileSync(pidfile, 'utf8'),
      (await run.ctl('pid')).stdout,
    ]
    expect(before[1]).toBe(`${run.daemon.pid}\n`)
    const oldPid = run.nodePid()
    const version = (await run.ctl('version')).stdout.trim()
    for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((one) => /\.m?js$/.test(one))) {
      const text = readFileSync(join(dist, name), 'utf8')
      writeFileSync(join(dist, name), text.replaceAll(`"${version}"`, '"99.0.0"'))
    }
    const { stdout, exitCode } = await run.ctl('upgrade')
    expect([stdout, exitCode]).toEqual([`version ${version} -> 99.0.0\n1 process kept\n`, 0])
    expect((await run.ctl('version')).stdout).toBe('99.0.0\n')
    expect(run.nodePid()).not.toBe(oldPid)
    const after = [
      await run.status().then(({ p }) => p?.pid),
      readFileSync(pidfile, 'utf8'),
      (await run.ctl('pid')).stdout,
    ]
    expect(after).toEqual(before)

    const file = join(run.folder, 'kahi.toml')
    const good = readFileSync(file, 'utf8')
    writeFileSync(file, `${good}[programs.p2]\n`)
    expect((await run.ctl('upgrade')).stdout).toMatch(/^error: the new program does not accept the configuration/)
    writeFileSync(file, good)
    const helper = join(dist, 'kahi-shim')
    rmSync(helper)
    writeFileSync(helper, '#!/bin/sh\necho kahi-shim protocol 99\n', { mode: 0o755 })
    expect((await run.ctl('upgrade')).stdout).toMatch(/^error: the new helper speaks another protocol/)
    cpSync(shim, helper)
    writeFileSync(join(dist, 'kahi.js'), 'throw new Error("broken")')
    expect((await run.ctl('upgrade')).stdout).toMatch(/^error: the new program does not start/)
    expect(await run.status()).toMatchObject({ p: { pid: before[0], state: 'RUNNING' } })
    await end(run)
    expect(existsSync(pidfile)).toBe(false)
  })
})
