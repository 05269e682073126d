// kahi as the first process of a container, in a new pid namespace: it reaps every orphan, handles every signal, exits with the
// correct code and leaves no process. Needs root and unshare.

import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Daemon, kahiPath, root, scratch, startDaemon } from '../helpers/kahi.ts'
import { processState } from '../helpers/processes.ts'
import { eventually } from '../helpers/wait.ts'

const NAMESPACE = ['--pid', '--fork', '--mount-proc', '--kill-child', '--']
const canUnshare = spawnSync('unshare', [...NAMESPACE, 'true']).status === 0
const hasTini = spawnSync('tini', ['--version']).status === 0
const hasHelper = spawnSync(join(root, 'dist/kahi-shim'), ['--version']).status === 0
if (!canUnshare) console.warn('not root, or no unshare: kahi as PID 1 is not tested')
if (!hasTini) console.warn('no tini: kahi below tini is not tested')

interface Container {
  readonly daemon: Daemon
  /** The pid of the first process, in the pid namespace of the test. */
  readonly first: number
  /** The pid of the node process of kahi. */
  readonly nodePid: number
  /** The pids of all processes of the container, in the pid namespace of the test. */
  pids(): number[]
}

/** Runs `kahi daemon` as PID 1, or below the programs in `before`, until it has started its programs. */
async function boot(toml: string, before: readonly string[] = []): Promise<Container> {
  const folder = scratch()
  chmodSync(folder, 0o777)
  const file = join(folder, 'kahi.toml')
  const server = toml.includes('[server.unix]') ? '' : `[server.unix]\nfile = "${folder}/k.sock"\n`
  writeFileSync(file, server + toml)
  const args = [...NAMESPACE, ...before, kahiPath, 'daemon', '-c', file]
  const daemon = startDaemon(args, { program: 'unshare', cwd: folder })
  await daemon.line('kahi started with pid')
  const first = children(daemon.pid)[0] ?? 0
  const pids = () => descendants(first)
  const nodePid = pids().find((pid) => commandOf(pid).includes('kahi.js')) ?? 0
  return { daemon, first, nodePid: commandOf(first).includes('kahi-shim') ? (children(first)[0] ?? 0) : nodePid, pids }
}

function children(pid: number): number[] {
  try {
    const text = readdirSync(`/proc/${pid}/task`).map((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8'),
    )
    return text.join(' ').split(/\s+/).filter(Boolean).map(Number)
  } catch {
    return []
  }
}

function descendants(pid: number): number[] {
  return [pid, ...children(pid).flatMap(descendants)]
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
}

function isGone(pid: number): boolean {
  return [undefined, 'Z'].includes(processState(pid))
}

const sleeper = '[programs.p]\ncommand = "/bin/sleep 1000"\n'

/** A database that needs some time to exit after a signal, and then prints a line. */
const database = (name: string) =>
  `trap 'sleep 0.5; echo clean ${name}; exit 0' TERM; echo up ${name}; while :; do sleep 0.05; done`

/** Runs the database below the shell of a program: in the same group, in another session, and in a session without a parent. */
function databases(folder: string): Readonly<Record<string, string>> {
  for (const name of ['group', 'session', 'daemon']) writeFileSync(join(folder, name), `${database(name)}\n`)
  return {
    group: `/bin/bash -c '/bin/sh ${folder}/group; true'`,
    session: `/bin/bash -c 'setsid /bin/sh ${folder}/session; true'`,
    daemon: `/bin/bash -c '( setsid /bin/sh ${folder}/daemon & ); exec sleep 1000'`,
  }
}

describe.runIf(canUnshare && hasHelper).each(['daemon', 'supervisord'])('the end of kahi %s as PID 1', (name) => {
  test('whatever a program started gets SIGTERM, and time to end by itself', async () => {
    const folder = scratch()
    const programs = Object.entries(databases(folder))
    const file = join(folder, name === 'daemon' ? 'kahi.toml' : 'supervisord.conf')
    const text =
      name === 'daemon'
        ? programs.map(([id, command]) => `[programs.${id}]\ncommand = "${command}"\nstdout_logfile = "/dev/stdout"\n`)
        : programs.map(
            ([id, command]) =>
              `[program:${id}]\ncommand=${command}\nstdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0\n`,
          )
    writeFileSync(
      file,
      `${name === 'daemon' ? '' : '[supervisord]\nnodaemon=true\nlogfile=/dev/null\nlogfile_maxbytes=0\n'}${text.join('')}`,
    )
    const args = [...NAMESPACE, kahiPath, name, ...(name === 'daemon' ? [] : ['-n']), '-c', file]
    const daemon = startDaemon(args, { program: 'unshare', cwd: folder })
    await Promise.all(programs.map(([id]) => daemon.line(`up ${id}`)))
    process.kill(children(daemon.pid)[0] ?? Number.NaN, 'SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    for (const [id] of programs) expect(daemon.output()).toContain(`clean ${id}`)
  })
})

describe.runIf(canUnshare && hasHelper)('as PID 1', () => {
  test('the helper is the first process and the parent of kahi and of the programs', async () => {
    const { daemon, first, nodePid } = await boot(sleeper)
    await daemon.line("spawned: 'p'")
    expect(commandOf(first)).toMatch(/^\S*kahi-shim parent node /)
    expect(children(first).map(commandOf).sort()).toEqual(['/bin/sleep 1000 ', expect.stringMatching(/^node /)])
    expect(nodePid).toBe(children(first).find((pid) => commandOf(pid).startsWith('node')))
  })

  test('1,000 double forks leave no zombie', async () => {
    const script = 'i=0; while [ $i -lt 1000 ]; do (/bin/true &) ; i=$((i+1)); done; echo all forked; exec sleep 1000'
    const { daemon, pids } = await boot(`[programs.p]\ncommand = ["/bin/sh", "-c", '''${script}''']\n`)
    await daemon.line('all forked')
    await eventually(() => pids().length === 3, 'only the helper, kahi and the sleeper are left')
    expect(pids().filter((pid) => processState(pid) === 'Z')).toEqual([])
  })

  test.each(['SIGTERM', 'SIGINT', 'SIGQUIT'] as const)('%s stops everything in order, exit 0', async (signal) => {
    const { daemon, first } = await boot(sleeper)
    await daemon.line("spawned: 'p'")
    process.kill(first, signal)
    const { exitCode, stdout } = await daemon.ended()
    expect(stdout).toContain(`received ${signal} indicating exit request`)
    expect(stdout).toContain('stopped: p (terminated by SIGTERM)')
    expect(exitCode).toBe(0)
  })

  test('SIGHUP and SIGUSR2 reach kahi', async () => {
    const { daemon, first } = await boot(sleeper)
    process.kill(first, 'SIGHUP')
    await daemon.line('received SIGHUP indicating reload request')
    process.kill(first, 'SIGUSR2')
    await daemon.line('received SIGUSR2 indicating log reopen request')
  })

  test('kill -9 of kahi ends the container with 137; nothing is left', async () => {
    const script = 'sleep 1000 & trap : TERM; echo up; wait; wait'
    const { daemon, nodePid, pids } = await boot(`[programs.p]\ncommand = ["/bin/sh", "-c", "${script}"]\n`)
    await daemon.line(/"message":"up"/)
    const all = pids()
    expect(all).toHaveLength(4)
    process.kill(nodePid, 'SIGKILL')
    expect(await daemon.ended()).toMatchObject({ exitCode: 137 })
    expect(all.filter((pid) => !isGone(pid))).toEqual([])
  })

  test('with survive = true, kill -9 of kahi ends nothing: another takes over', async () => {
    const { daemon, first, nodePid } = await boot(`[supervisor]\nsurvive = true\n${sleeper}`)
    await daemon.line("spawned: 'p'")
    const others = () => children(first).filter((pid) => !commandOf(pid).includes('kahi.js'))
    const before = others()
    process.kill(nodePid, 'SIGKILL')
    await daemon.line("re-adopted 'p'")
    expect(others()).toEqual(before)
    process.kill(first, 'SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  })

  test('restarts, statuses and variables are as always', async () => {
    const script = 'env | grep -c KAHI_; exit 7'
    const { daemon } = await boot(
      `[programs.p]\ncommand = ["/bin/sh", "-c", "${script}"]\nstartsecs = 0\nautorestart = false\n`,
    )
    await daemon.line('exited: p (exit status 7; not expected)')
    await daemon.line(/"message":"0"/)
  })

  test('a daemon that gives up root takes the helper along', async () => {
    const { daemon, first } = await boot(
      `[supervisor]\nuser = "nobody"\n[programs.p]\ncommand = '''/bin/sh -c "id -u; id -G; exec sleep 1000"'''\n[programs.q]\ncommand = "/bin/sleep 1000"\nuser = "root"\nstartretries = 0\n`,
    )
    await daemon.line(/"message":"65534"/)
    await daemon.line("couldn't setuid to 0: Can't drop privilege as nonroot user")
    expect(readFileSync(`/proc/${first}/status`, 'utf8')).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m)
    process.kill(first, 'SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  })

  test('a configuration that cannot be read: exit 2, as without a container', () => {
    const { status, stderr } = spawnSync('unshare', [...NAMESPACE, kahiPath, 'daemon', '-c', '/no/such.toml'])
    expect([status, String(stderr)]).toEqual([2, expect.stringContaining('/no/such.toml')])
  })

  test('without the helper kahi runs all the same and says what is lost', async () => {
    const { daemon, first } = await boot(sleeper, ['env', 'KAHI_SHIM=none'])
    await daemon.line('Processes that lost their parent are not reaped when kahi is PID 1.')
    process.kill(first, 'SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  })

  test.runIf(hasTini)('below tini', async () => {
    const { daemon, first } = await boot(sleeper, ['tini', '--'])
    await daemon.line("spawned: 'p'")
    expect(commandOf(first)).toMatch(/^tini /)
    process.kill(first, 'SIGTERM')
    const { exitCode, stdout } = await daemon.ended()
    expect(stdout).toContain('stopped: p (terminated by SIGTERM)')
    expect(exitCode).toBe(0)
  })
})

describe.runIf(hasHelper)('kahi-shim parent by hand', () => {
  const shim = join(root, 'dist/kahi-shim')
  test.each([
    ['exit 42', 42],
    ['kill -TERM $$', 143],
    ['kill -KILL $$', 137],
  ])('%s gives %i', (script, code) => {
    expect(spawnSync(shim, ['parent', '/bin/sh', '-c', script]).status).toBe(code)
  })

  test('a program that is missing: 127 and its name', () => {
    const { status, stderr } = spawnSync(shim, ['parent', '/no/such/program'])
    expect([status, String(stderr)]).toEqual([
      127,
      'kahi-shim: cannot run /no/such/program: No such file or directory\n',
    ])
  })

  test('what the program writes and reads goes past it', () => {
    expect(String(execFileSync(shim, ['parent', 'cat'], { input: 'through' }))).toBe('through')
  })

  test('every signal that can be caught is passed on', async () => {
    const names = ['HUP', 'INT', 'QUIT', 'USR1', 'USR2', 'TERM', 'ALRM', 'WINCH', 'CONT', 'PWR', 'URG', 'VTALRM']
    const script = `${names.map((name) => `trap "echo got ${name}" ${name}`).join('; ')}; echo armed; while :; do sleep 0.05; done`
    const daemon = startDaemon(['parent', '/bin/bash', '-c', script], { program: shim })
    await daemon.line('armed')
    for (const name of names) {
      daemon.signal(`SIG${name}` as NodeJS.Signals)
      await daemon.line(`got ${name}`)
    }
    process.kill(children(daemon.pid)[0] ?? 0, 'SIGKILL')
    expect(await daemon.ended()).toMatchObject({ exitCode: 137 })
  })

  test('kahi uses it, and a process that only inherits the variable does not', async () => {
    const folder = scratch()
    const file = join(folder, 'kahi.toml')
    writeFileSync(file, `[server.unix]\nfile = "${folder}/k.sock"\n${sleeper}`)
    const daemon = startDaemon(['parent', kahiPath, 'daemon', '-c', file], { program: shim, cwd: folder })
    await daemon.line("spawned: 'p'")
    expect(children(daemon.pid)).toHaveLength(2)
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    const env = { KAHI_SHIM_PARENT: `${process.pid + 1}:3` }
    const other = startDaemon(['daemon', '-c', file], { cwd: folder, env })
    await other.line("spawned: 'p'")
    other.signal('SIGTERM')
    expect(await other.ended()).toMatchObject({ exitCode: 0 })
  })
})
