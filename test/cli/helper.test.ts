// Other processes stop, kill, signal or attack the native helper. The daemon keeps running, reports the error, or exits, and
// leaves no process.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Daemon, hasHelper, kahi, scratch, startDaemon } from '../helpers/kahi.ts'
import { processState, stoppedOf } from '../helpers/processes.ts'
import { eventually } from '../helpers/wait.ts'

if (!hasHelper) console.warn('no native helper: what may be done to it is not tested')
const isRoot = process.getuid?.() === 0

interface Run {
  readonly daemon: Daemon
  readonly folder: string
  ctl(...args: string[]): ReturnType<typeof kahi>
  /** Status code and body of /healthz. */
  health(): Promise<string>
  /** Pid of a program, from its pid file in the folder. */
  pid(name: string): Promise<number>
}

async function run(toml: string, words: readonly string[] = [], env: Record<string, string> = {}): Promise<Run> {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  writeFileSync(
    file,
    `[server.unix]\nfile = "DIR/k.sock"\n${toml}`.replaceAll('DIR', folder).replaceAll('$$', () => '$$$$'),
  )
  const daemon = startDaemon(['daemon', '-c', file, ...words], { cwd: folder, env })
  await daemon.line('kahi started with pid')
  const ctl = (...args: string[]) => kahi(['ctl', '-c', file, ...args], { cwd: folder })
  const health = async () => {
    const { request } = await import('node:http')
    return new Promise<string>((resolve, reject) => {
      const asked = request({ socketPath: join(folder, 'k.sock'), path: '/healthz' }, (answer) => {
        let body = ''
        answer.on('data', (chunk) => (body += String(chunk)))
        answer.on('end', () => resolve(`${answer.statusCode} ${body.trim()}`))
      })
      asked.on('error', reject)
      asked.end()
    })
  }
  const pid = async (name: string) => {
    const path = join(folder, name)
    await eventually(() => existsSync(path) && readFileSync(path, 'utf8').endsWith('\n'), `${name} has started`)
    return Number(readFileSync(path, 'utf8'))
  }
  return { daemon, folder, ctl, health, pid }
}

function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

function isRunning(pid: number): boolean {
  return ![undefined, 'Z', 'X'].includes(processState(pid))
}

const SLEEPER = '[programs.p]\ncommand = ["/bin/sh", "-c", "echo $$ > DIR/p; exec sleep 1000"]\n'

/** Starts one process of each kind that could outlive a crash; each writes its pid to a file. */
const FAMILY = `[programs.plain]
command = ["/bin/sh", "-c", "trap : TERM HUP INT; sh -c 'echo $$ > DIR/child; exec sleep 1000' & echo $$ > DIR/plain; wait; wait"]
stopwaitsecs = 1
[programs.session]
command = ["/bin/sh", "-c", "setsid sh -c 'echo $$ > DIR/setsid; exec sleep 1000' & exec sleep 1000"]
[programs.daemonized]
command = ["/bin/sh", "-c", "(setsid sh -c 'echo $$ > DIR/double; exec sleep 1000' &) ; exec sleep 1000"]
[programs.leaderless]
command = ["/bin/sh", "-c", "sh -c 'echo $$ > DIR/left; exec sleep 1000' & sleep 0.2; exit 0"]
autorestart = false
startsecs = 0
`
const MEMBERS = ['child', 'plain', 'setsid', 'double', 'left']

async function family(words: readonly string[] = [], env: Record<string, string> = {}) {
  const started = await run(FAMILY, words, env)
  const pids = await Promise.all(MEMBERS.map(started.pid))
  await started.daemon.line('exited: leaderless')
  onTestFinished(() => {
    for (const pid of pids.filter(isRunning)) process.kill(pid, 'SIGKILL')
  })
  return { ...started, pids, helper: parentOf(pids[1] ?? 0) }
}

describe.runIf(hasHelper)('signals to the parent of a program', () => {
  test.each([
    ['TERM', 'received SIGTERM indicating exit request'],
    ['QUIT', 'received SIGQUIT indicating exit request'],
    ['INT', 'received SIGINT indicating exit request'],
  ])('kill -%s $PPID ends the daemon in order', async (name, line) => {
    const { daemon } = await run(
      `${SLEEPER}[programs.killer]\ncommand = ["/bin/sh", "-c", "kill -${name} $PPID; exec sleep 1000"]\n`,
    )
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(daemon.output().split(line)).toHaveLength(2)
    expect(daemon.output()).toContain('stopped: p (terminated by SIGTERM)')
  })

  test('kill -HUP and -USR2 $PPID reload and reopen, from below and above', async () => {
    const { daemon, pid } = await run(SLEEPER)
    const helper = parentOf(await pid('p'))
    process.kill(helper, 'SIGHUP')
    await daemon.line('received SIGHUP indicating reload request')
    process.kill(helper, 'SIGUSR2')
    await daemon.line('received SIGUSR2 indicating log reopen request')
    process.kill(parentOf(helper), 'SIGTERM') // the guard, or the daemon where there is none
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  })

  test('the same signal delivered twice is one request; another one is a second', async () => {
    const { daemon } = await run(
      '[programs.p]\ncommand = ["/bin/sh", "-c", "trap \'echo heard\' TERM; echo armed; while :; do sleep 0.05; done"]\nstopwaitsecs = 3600\nstopasgroup = true\n',
    )
    await daemon.line('armed')
    process.kill(daemon.pid, 'SIGTERM')
    await daemon.line('heard')
    process.kill(daemon.pid, 'SIGTERM')
    await eventually(() => daemon.output().split('received SIGTERM').length === 3, 'both were heard')
    expect(daemon.output()).not.toContain('second exit request')
    process.kill(daemon.pid, 'SIGINT')
    await daemon.line('this is the second exit request')
    await daemon.ended()
  })
})

describe.runIf(hasHelper)('a helper that does not answer', () => {
  test('is noticed; verbs fail; when it answers again everything works as before', async () => {
    const { daemon, ctl, health, pid } = await run(SLEEPER)
    const program = await pid('p')
    const helper = parentOf(program)
    expect(await health()).toBe('200 {"status":"ok"}')
    process.kill(helper, 'SIGSTOP')
    expect(await health()).toBe('503 {"status":"helper_hangs"}')
    const stop = await ctl('stop', 'p')
    expect(stop).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('does not answer') })
    const restart = await ctl('restart', 'p')
    expect(restart.stdout).toContain('does not answer')
    expect(restart.stdout).not.toContain('p: stopped')
    expect((await ctl('signal', 'HUP', 'p')).stdout).toContain('does not answer')
    expect((await ctl('status')).stdout).toContain('p')
    process.kill(helper, 'SIGCONT')
    await daemon.line('the helper that runs the programs answers again')
    await daemon.line('stopped: p (terminated by SIGTERM)') // what was asked is done late, once
    expect(await health()).toBe('200 {"status":"ok"}')
    expect(await ctl('start', 'p')).toMatchObject({ exitCode: 0 })
    process.kill(daemon.pid, 'SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  })

  test.each([
    ['', []],
    [' (survive)', ['--survive']],
  ])('SIGTERM ends the daemon all the same%s', async (_mode, words) => {
    const { daemon, health, pid } = await run(SLEEPER, words)
    const program = await pid('p')
    const helper = parentOf(program)
    process.kill(helper, 'SIGSTOP')
    expect(await health()).toMatch(/^503/)
    process.kill(daemon.pid, 'SIGTERM')
    await daemon.ended()
    await eventually(() => !isRunning(program) && !isRunning(helper), 'nothing is left')
  })

  test('a guard that is stopped is reported too', async () => {
    const { daemon, health, pid } = await run(SLEEPER)
    const guard = parentOf(parentOf(await pid('p')))
    expect(guard).not.toBe(daemon.pid)
    process.kill(guard, 'SIGSTOP')
    expect(await health()).toMatch(/^503/)
    process.kill(guard, 'SIGCONT')
    await eventually(() => processState(guard) !== 'T', 'it runs again')
    expect(await health()).toMatch(/^200/)
    process.kill(daemon.pid, 'SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  })
})

describe.runIf(hasHelper)('nothing is left', () => {
  test('after a stop of the daemon', async () => {
    const { daemon, pids } = await family()
    expect(pids.filter(isRunning)).toEqual(pids)
    process.kill(daemon.pid, 'SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(pids.filter(isRunning)).toEqual([])
  })

  test.each([
    ['kahi', (node: number) => [node]],
    ['the helper', (_node: number, helper: number) => [helper]],
    ['the guard above the helper', (_node: number, _helper: number, guard: number) => [guard]],
    ['kahi and the helper at once', (node: number, helper: number) => [node, helper]],
    ['kahi and the guard at once', (node: number, _helper: number, guard: number) => [node, guard]],
  ])('after kill -9 of %s', async (_what, victims) => {
    const { daemon, pids, helper } = await family()
    spawnSync('kill', ['-9', ...victims(daemon.pid, helper, parentOf(helper)).map(String)])
    await daemon.ended()
    await eventually(() => !pids.some(isRunning), 'everything is dead')
  })

  test('after kill -9 of the helper that is the parent (survive), but what left its group', async () => {
    const { daemon, pids, helper } = await family(['--survive'])
    expect(helper).toBe(daemon.pid)
    process.kill(helper, 'SIGKILL')
    const [child = 0, plain = 0] = pids
    await eventually(() => ![child, plain].some(isRunning), 'all that can be found is dead')
  })

  test('after kill -9 of kahi while the helper is stopped', async () => {
    const { daemon, pids, helper } = await family()
    process.kill(helper, 'SIGSTOP')
    process.kill(daemon.pid, 'SIGKILL')
    await daemon.ended()
    await eventually(() => !pids.some(isRunning), 'everything is dead')
  })
})

test('without the helper a crash of kahi leaves only what had lost its own parent', async () => {
  const { daemon, pids } = await family([], { KAHI_SHIM: 'none' })
  daemon.signal('SIGKILL')
  await daemon.ended()
  const [child = 0, plain = 0, setsid = 0, , left = 0] = pids
  await eventually(() => ![child, plain, setsid, left].some(isRunning), 'all that can be found is dead')
})

/** A user without processes of other tests, because the attack would stop them. */
const ATTACKER = { name: 'uucp', uid: 10 }

describe.runIf(hasHelper && isRoot)("a service's user who stops processes as they start", () => {
  test('stops only its own; others start, stop and end as before', async () => {
    const programs = [1, 2, 3, 4].map(
      (number) =>
        `[programs.a${number}]\ncommand = "/bin/true"\nuser = "${ATTACKER.name}"\nautorestart = true\nstartsecs = 0\n`,
    )
    const { daemon, ctl, health } = await run(`${programs.join('')}${SLEEPER}`)
    const attack = `i=0; while :; do read -r _ _ _ _ last < /proc/loadavg; n=$last
while [ $n -lt $((last + 40)) ]; do kill -STOP $n 2>/dev/null; n=$((n + 1)); done; done`
    const attacker = spawn(
      'setpriv',
      [`--reuid=${ATTACKER.uid}`, `--regid=${ATTACKER.uid}`, '--clear-groups', 'sh', '-c', attack],
      {
        stdio: 'ignore',
      },
    )
    onTestFinished(() => void attacker.kill('SIGKILL'))
    const starts = () => daemon.output().split(/spawned: 'a\d'/).length - 1
    await eventually(() => starts() >= 24 || stoppedOf(ATTACKER.uid).length >= 4, 'the attack has met every start')
    expect(await health()).toMatch(/^200/)
    expect(await ctl('restart', 'p')).toMatchObject({ exitCode: 0 })
    attacker.kill('SIGKILL')
    process.kill(daemon.pid, 'SIGTERM')
    const end = await daemon.ended()
    expect([end.exitCode, end.signal], end.stdout.slice(-2000)).toEqual([0, undefined])
    expect(stoppedOf(ATTACKER.uid)).toEqual([])
  })
})
