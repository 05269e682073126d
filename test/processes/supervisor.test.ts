// The supervisor with real processes, once with the native helper and once with the fallback. All output arrives before the
// exit is reported, a killed process starts again, and no process remains after a shutdown.

import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ProcessSettings } from '../../config/settings/process.ts'
import { EventBus } from '../../runtime/events/bus.ts'
import type { ProcessStateEvent, StateName } from '../../runtime/events/event.ts'
import { openFallbackShim } from '../../runtime/shim/fallback/fallback.ts'
import { openShim } from '../../runtime/shim/open.ts'
import type { Shim, ShimEvents } from '../../runtime/shim/shim.ts'
import { Supervisor } from '../../runtime/supervisor/supervisor.ts'
import { systemClock } from '../../runtime/system/clock.ts'
import { temporaryDirectory } from '../helpers/pipes.ts'
import { RecordedLog, RecordedSink } from '../helpers/recorder.ts'
import { config, group, NO_STREAM, processSettings } from '../helpers/settings.ts'
import { isRunning } from '../helpers/processes.ts'
import { eventually } from '../helpers/wait.ts'

const helper = fileURLToPath(new URL('../../dist/kahi-shim', import.meta.url))

const SHIMS: readonly [string, (events: ShimEvents) => Promise<Shim>][] = [
  ['native', (events) => openShim({ path: helper, events })],
  ['fallback', async (events) => openFallbackShim(events, 'asked for by the test')],
]

describe.each(SHIMS)('with the %s shim', (kind, open) => {
  let directory: string
  let shim: Shim
  let supervisor: Supervisor
  let log: RecordedLog
  let stdout: RecordedSink
  let waiting: { name: string; to: StateName; resolve: (event: ProcessStateEvent) => void }[]

  beforeEach(async ({ skip }) => {
    if (kind === 'native' && !existsSync(helper)) skip('no native helper was built')
    directory = temporaryDirectory()
    log = new RecordedLog()
    stdout = new RecordedSink()
    waiting = []
    const bus = new EventBus(() => {})
    bus.on((event) => {
      if (event.type !== 'process-state') return
      const done = waiting.filter(({ name, to }) => name === event.name && to === event.to)
      waiting = waiting.filter((waiter) => !done.includes(waiter))
      for (const { resolve } of done) resolve(event)
    })
    shim = await open({
      exited: (id, pid, status) => supervisor.exited(id, pid, status),
      orphan: (pid, status) => supervisor.orphan(pid, status),
      lost: () => {},
    })
    const streams = { stdout, stderr: new RecordedSink() }
    const daemonEnvironment = { PATH: process.env.PATH }
    supervisor = new Supervisor({
      shim,
      clock: systemClock(),
      log,
      bus,
      ownFormat: 'text',
      daemonEnvironment,
      ...streams,
    })
  })

  afterEach(async () => {
    supervisor.kill()
    await supervisor.shutdown()
    await shim.close()
    rmSync(directory, { recursive: true, force: true })
  })

  function next(name: string, to: StateName): Promise<ProcessStateEvent> {
    return new Promise((resolve) => waiting.push({ name, to, resolve }))
  }

  function shell(name: string, script: string, changes: Partial<ProcessSettings> = {}) {
    const settings = processSettings({ name, argv: ['/bin/sh', '-c', script], startsecs: 0, ...changes })
    return group(name, { processes: [settings] })
  }

  const toFile = (name: string) => ({
    stdout: { ...NO_STREAM, logfile: { kind: 'file', path: join(directory, name) } as const },
  })
  /** Waits for the first output of a process, if necessary, and gives it. */
  function firstOutput(name: string, file: string): Promise<string> {
    return new Promise((resolve) => {
      supervisor
        .find(name, name)
        ?.log('stdout')
        ?.follow((chunk) => resolve(chunk.toString()))
      if (content(file) !== '') resolve(content(file))
    })
  }

  const content = (name: string): string => readFileSync(join(directory, name), 'utf8')

  test('all output is in the log when the end is reported', async () => {
    const script = 'i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done; echo to-stderr >&2'
    const ended = next('talk', 'exited')
    await supervisor.apply(config([shell('talk', script, { ...toFile('talk.log'), redirect_stderr: true })]))
    expect(await ended).toMatchObject({ expected: true, from: 'running' })
    const lines = content('talk.log').trimEnd().split('\n')
    expect([lines.length, lines[1999], lines[2000]]).toEqual([2001, 'line 1999', 'to-stderr'])
    expect(supervisor.find('talk', 'talk')?.log('stdout')?.tail(10).toString()).toBe('to-stderr\n')
  })

  test("/dev/stdout is the daemon's own stream and can be opened by name in the child", async () => {
    const logfile = { kind: 'stdout', path: '/dev/stdout' } as const
    const ended = next('out', 'exited')
    await supervisor.apply(
      config([shell('out', 'echo one; echo two > /dev/stdout', { stdout: { ...NO_STREAM, logfile } })]),
    )
    await ended
    expect(stdout.text).toMatch(/^\S+ \S+ \[out\] one\n\S+ \S+ \[out\] two\n$/)
    expect(supervisor.find('out', 'out')?.log('stdout')?.tail(4).toString()).toBe('two\n')
  })

  test('a log continues over a restart after SIGKILL', async () => {
    const up = next('web', 'running')
    const script = 'echo started; exec sleep 99'
    const followed: string[] = []
    await supervisor.apply(config([shell('web', script, { ...toFile('web.log'), autorestart: 'true' })]))
    await up
    const service = supervisor.find('web', 'web')
    service?.log('stdout')?.follow((chunk) => followed.push(chunk.toString()))
    await eventually(() => expect(content('web.log')).toBe('started\n'))
    const back = next('web', 'running')
    const first = service?.info().pid
    expect(await service?.signal(9)).toBe('signalled')
    await back
    expect(service?.info().pid).not.toBe(first)
    await eventually(() => expect(content('web.log')).toBe('started\nstarted\n'))
    expect(followed.join('')).toMatch(/^(started\n)?started\n$/)
    expect(await service?.stop()).toBe('stopped')
    expect(log.lines).toContain('warn exited: web (terminated by SIGKILL; not expected)')
  })

  test('a missing directory is a spawn error that says so', async () => {
    await supervisor.apply(
      config([shell('lost', 'true', { directory: '/no/such/place', startretries: 0, autostart: false })]),
    )
    const service = supervisor.find('lost', 'lost')
    expect(await service?.start()).toBe('spawn-error')
    expect(service?.info()).toMatchObject({
      state: 'fatal',
      description: "couldn't chdir to /no/such/place: ENOENT",
    })
  })

  test('stopasgroup takes the children along; a shutdown leaves no process', async () => {
    const ready = next('parent', 'running')
    const script = "(trap '' TERM; exec sleep 98) & echo $!; wait"
    const group = { stopasgroup: true, killasgroup: true, stopwaitsecs: 0 }
    await supervisor.apply(config([shell('parent', script, { ...toFile('p.log'), ...group })]))
    await ready
    const child = Number(await firstOutput('parent', 'p.log'))
    await supervisor.shutdown()
    await shim.close()
    await eventually(() => expect(isRunning(child)).toBe(false))
  })

  /** The pid that a process writes first. */
  const firstPid = async (name: string, file: string) => Number(/^\d+/.exec(await firstOutput(name, file))?.[0])
  const deafChild = `sh -c 'trap "" TERM; echo $$; exec sleep 98' &`

  test.each([
    ['stopasgroup', { stopasgroup: true, killasgroup: true }],
    ['killasgroup', { killasgroup: true }],
  ])('with %s a stop is done when the group is empty, not when the leader is gone', async (_, keys) => {
    const up = next('web', 'running')
    const script = "(trap 'sleep 0.2; echo bye; exit' TERM; echo up; while :; do sleep 0.05; done) & wait"
    await supervisor.apply(config([shell('web', script, { ...toFile('w.log'), ...keys })]))
    await up
    await firstOutput('web', 'w.log')
    const service = supervisor.find('web', 'web')
    expect(await service?.stop()).toBe('stopped')
    expect(content('w.log')).toBe('up\nbye\n')
    expect(service?.info().survivors).toEqual([])
  })

  test('what is left of the group after stopwaitsecs is killed', async () => {
    const up = next('web', 'running')
    const keys = { stopasgroup: true, killasgroup: true, stopwaitsecs: 1 }
    await supervisor.apply(config([shell('web', `${deafChild} wait`, { ...toFile('w.log'), ...keys })]))
    await up
    const child = await firstPid('web', 'w.log')
    expect(await supervisor.find('web', 'web')?.stop()).toBe('stopped')
    expect(isRunning(child)).toBe(false)
    expect(log.lines.some((line) => line.startsWith("warn killing what is left of the group of 'web'"))).toBe(true)
  })

  test('a member whose parent left the group is noticed too', async ({ skip }) => {
    if (!existsSync('/usr/bin/perl')) skip('there is no perl to make such a member with')
    const up = next('web', 'running')
    // The second process leaves the group. Its child stays in the group, and the exit of this child is not reported.
    const script = `$| = 1; pipe R, W; unless (fork) {
      unless (fork) {
        $SIG{TERM} = sub { select undef, undef, undef, 0.2; print "bye\\n"; exit };
        close W; <R>; print getppid, "\\n"; sleep 1 while 1 }
      setpgrp 0, 0; close W; wait; print "seen\\n"; sleep 98; exit }
      close W; sleep 98`
    const argv = ['/usr/bin/perl', '-e', script]
    const keys = { stopasgroup: true, killasgroup: true, stopwaitsecs: 60, argv }
    await supervisor.apply(config([shell('web', '', { ...toFile('w.log'), ...keys })]))
    await up
    const stranger = await firstPid('web', 'w.log')
    expect(await supervisor.find('web', 'web')?.stop()).toBe('stopped')
    expect(content('w.log')).toMatch(/^\d+\nbye\n/)
    expect(isRunning(stranger)).toBe(true)
    process.kill(stranger, 'SIGKILL')
  })

  test('without these keys the leader counts; processes that are left are named, and killed at shutdown', async () => {
    const up = next('web', 'running')
    await supervisor.apply(config([shell('web', `${deafChild} exec sleep 97`, toFile('w.log'))]))
    await up
    const child = await firstPid('web', 'w.log')
    const service = supervisor.find('web', 'web')
    expect(await service?.stop()).toBe('stopped')
    expect(service?.info().survivors).toEqual([child])
    expect(log.lines).toContain(
      `warn process ${child} of 'web' is still running after 'web' exited; stopasgroup = true stops them too`,
    )
    await supervisor.shutdown()
    expect(log.lines).toContain(`warn killing process ${child} of 'web', left over from its group, with SIGKILL`)
    await eventually(() => expect(isRunning(child)).toBe(false))
  })

  test('what a program left behind that is no longer configured is killed at shutdown', async () => {
    const up = next('web', 'running')
    await supervisor.apply(config([shell('web', `${deafChild} exec sleep 97`, toFile('w.log'))]))
    await up
    const child = await firstPid('web', 'w.log')
    await supervisor.apply(config([]))
    expect(isRunning(child)).toBe(true)
    await supervisor.shutdown()
    expect(log.lines.some((line) => line.includes(`killing process ${child} of 'web'`))).toBe(true)
    await eventually(() => expect(isRunning(child)).toBe(false))
  })

  test('what ignores its stop signal is killed', async () => {
    const up = next('deaf', 'running')
    const script = "trap '' TERM; echo deaf; while :; do sleep 1; done"
    await supervisor.apply(config([shell('deaf', script, { stopwaitsecs: 0, killasgroup: true, ...toFile('d.log') })]))
    await up
    await firstOutput('deaf', 'd.log')
    await supervisor.shutdown()
    expect(log.lines.at(-1)).toBe('warn stopped: deaf (terminated by SIGKILL)')
  })
})
