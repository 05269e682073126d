// `kahi ctl` against a running `kahi daemon`, both as users run them.

import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Daemon, kahi, scratch, startDaemon, startReady } from '../helpers/kahi.ts'

const programs = `
[programs.web]
command = "sh -c 'echo hello; echo oops >&2; exec sleep 1000'"
startsecs = 0
[programs.off]
command = "sleep 1000"
autostart = false
startsecs = 0
[programs.lost]
command = "/nonexistent"
autostart = false
[programs.fails]
command = "/bin/false"
autostart = false
startretries = 0
[programs.w]
command = "sleep 1000"
startsecs = 0
numprocs = 2
process_name = "w_%(process_num)d"
[programs.quiet]
command = "sleep 1000"
startsecs = 0
stdout_logfile = "NONE"
`

interface Setup {
  readonly daemon: Daemon
  readonly socket: string
  readonly file: string
  readonly directory: string
  /** Runs `kahi ctl -s SOCKET …`; gives what it prints and its exit code. */
  ctl(line: string): Promise<[string, number | undefined]>
}

async function setUp(server = '', more = ''): Promise<Setup> {
  const directory = scratch()
  const socket = join(directory, 'k.sock')
  const file = join(directory, 'kahi.toml')
  writeFileSync(file, `[server.unix]\nfile = "${socket}"\n${server}\n${programs}\n${more}`)
  const daemon = await startReady(file)
  await Promise.all(['web', 'w_0', 'w_1', 'quiet'].map((name) => daemon.line(`spawned: '${name}'`)))
  await daemon.line('oops')
  const ctl = async (line: string): Promise<[string, number | undefined]> => {
    const { stdout, stderr, exitCode } = await kahi(['ctl', '-s', socket, ...line.split(' ')])
    return [(stdout + stderr).replaceAll(/pid \d+, uptime \d:\d\d:\d\d/g, 'pid N, uptime T'), exitCode]
  }
  return { daemon, socket, file, directory, ctl }
}

const row = (name: string, state: string, description: string) =>
  `${name.padEnd(33)}${state.padEnd(10)}${description}\n`

test('status: all, some, groups, unknown names; exit codes', async () => {
  const { ctl } = await setUp()
  const up = 'pid N, uptime T'
  expect(await ctl('status')).toEqual([
    row('fails', 'STOPPED', 'Not started') +
      row('lost', 'STOPPED', 'Not started') +
      row('off', 'STOPPED', 'Not started') +
      row('quiet', 'RUNNING', up) +
      row('w:w_0', 'RUNNING', up) +
      row('w:w_1', 'RUNNING', up) +
      row('web', 'RUNNING', up),
    3,
  ])
  expect(await ctl('status web w:*')).toEqual([
    row('web', 'RUNNING', up) + row('w:w_0', 'RUNNING', up) + row('w:w_1', 'RUNNING', up),
    0,
  ])
  expect(await ctl('status web nope zz:*')).toEqual([
    `nope: ERROR (no such process)\nzz: ERROR (no such group)\n${row('web', 'RUNNING', up)}`,
    4,
  ])
  expect((await ctl('status nope off'))[1]).toBe(3)
  expect((await ctl('status all'))[0].split('\n')).toHaveLength(8)
})

test('status --json is an array for scripts', async () => {
  const { ctl } = await setUp()
  const [text, exitCode] = await ctl('status --json web')
  const [web] = JSON.parse(text)
  expect(web).toMatchObject({ name: 'web', group: 'web', state: 'RUNNING', statecode: 20, exitstatus: 0, stop: 0 })
  expect(web.pid).toBeGreaterThan(1)
  expect(exitCode).toBe(0)
})

test.each([
  ['start off', 'off: started\n', 0],
  ['start web', 'web: ERROR (already started)\n', 0],
  ['start lost', 'lost: ERROR (no such file)\n', 1],
  ['start fails', 'fails: ERROR (spawn error: exit status 1)\n', 7],
  ['start zz', 'zz: ERROR (no such process)\n', 1],
  ['start zz:*', 'zz: ERROR (no such group)\n', 2],
  ['start w:zz', 'w:zz: ERROR (no such process)\n', 1],
  ['start w:*', '', 0],
  ['start off zz', 'off: started\nzz: ERROR (no such process)\n', 1],
  ['stop web', 'web: stopped\n', 0],
  ['stop off', 'off: ERROR (not running)\n', 0],
  ['stop zz', 'zz: ERROR (no such process)\n', 1],
  ['stop zz:', 'zz: ERROR (no such group)\n', 1],
  ['restart web', 'web: stopped\nweb: started\n', 0],
  ['restart off', 'off: ERROR (not running)\noff: started\n', 0],
  ['restart w:w_0 zz', 'w:w_0: stopped\nzz: ERROR (no such process)\nw:w_0: started\n', 1],
  ['signal WINCH web', 'web: signalled\n', 0],
  ['signal sigwinch w:*', 'w:w_0: signalled\nw:w_1: signalled\n', 0],
  ['signal NOPE web', 'web: ERROR (bad signal name)\n', 1],
  ['signal HUP off', 'off: ERROR (not running)\n', 7],
  ['signal HUP zz', 'zz: ERROR (no such process)\n', 1],
  ['signal HUP zz:*', 'zz: ERROR (no such group)\n', 1],
  ['pid off', '0\n', 7],
  ['pid zz', 'No such process zz\n', 1],
  ['tail web', 'hello\n\n', 0],
  ['tail -3 web', 'lo\n\n', 0],
  ['tail -0 web STDOUT', 'hello\n\n', 0],
  ['tail web stderr', 'oops\n\n', 0],
  ['tail quiet', 'quiet: ERROR (no log file)\n', 1],
  ['tail zz', 'zz: ERROR (no such process name)\n', 1],
  ['tail web nope', "Error: bad channel 'nope'\n", 1],
  ['tail', 'Error: too few arguments\n', 1],
  ['tail web stdout x', 'Error: too many arguments\n', 1],
  ['shutdown now', 'Error: shutdown accepts no arguments\n', 1],
  ['version now', 'Error: version accepts no arguments\n', 1],
])('%s', async (line, text, exitCode) => {
  const { ctl } = await setUp()
  expect(await ctl(line)).toEqual([text, exitCode])
})

test('groups and all: everything is stopped, started and signalled', async () => {
  const { ctl } = await setUp()
  const sorted = ([text, exitCode]: [string, number | undefined]) => [
    text.split('\n').sort().join('\n').trim(),
    exitCode,
  ]
  expect(sorted(await ctl('stop w:*'))).toEqual(['w:w_0: stopped\nw:w_1: stopped', 0])
  expect(sorted(await ctl('stop all'))).toEqual(['quiet: stopped\nweb: stopped', 0])
  expect(sorted(await ctl('start w:'))).toEqual(['w:w_0: started\nw:w_1: started', 0])
  expect(sorted(await ctl('signal WINCH all'))).toEqual(['w:w_0: signalled\nw:w_1: signalled', 0])
  expect(sorted(await ctl('start all'))).toEqual([
    'fails: ERROR (spawn error: exit status 1)\nlost: ERROR (no such file)\noff: started\nquiet: started\nweb: started',
    expect.any(Number),
  ])
})

test.each([
  ['start', 'Error: start requires a process name', 2],
  ['stop', 'Error: stop requires a process name', 1],
  ['restart', 'Error: restart requires a process name', 1],
  ['signal', 'Error: signal requires a signal name and a process name', 1],
  ['signal HUP', 'Error: signal requires a signal name and a process name', 1],
])('%s without names says what is missing', async (line, message, exitCode) => {
  const { ctl } = await setUp()
  const [text, code] = await ctl(line)
  expect([text.split('\n')[0], code]).toEqual([message, exitCode])
})

test('pid, version, shutdown', async () => {
  const { ctl, daemon } = await setUp()
  expect(await ctl('pid')).toEqual([`${daemon.pid}\n`, 0])
  const [pids, exitCode] = await ctl('pid all')
  expect(pids.trim().split('\n')).toHaveLength(7)
  expect(exitCode).toBe(0)
  expect(await ctl('version')).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+\n$/), 0])
  expect(await ctl('shutdown')).toEqual(['Shut down\n', 0])
  expect((await daemon.ended()).exitCode).toBe(0)
})

test('tail -f shows what there is and what comes, until it is interrupted', async () => {
  const { socket } = await setUp('', `[programs.clock]\ncommand = "sh -c 'while :; do echo tick; sleep 0.1; done'"\n`)
  const tail = startDaemon(['ctl', '-s', socket, 'tail', '-f', 'clock'])
  await tail.line('tick')
  expect(tail.output().startsWith('==> Press Ctrl-C to exit <==')).toBe(true)
  tail.signal('SIGINT')
  const { exitCode, stdout } = await tail.ended()
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^==> Press Ctrl-C to exit <==\n(?:tick\n)+\n$/)
})

test('tail -f of a name that is unknown says so, with exit 0 as supervisorctl', async () => {
  const { socket } = await setUp()
  expect(await kahi(['ctl', '-s', socket, 'tail', '-f', 'zz'])).toMatchObject({
    exitCode: 0,
    stdout: '==> Press Ctrl-C to exit <==\n',
    stderr: `unix://${socket}/logtail/zz/stdout Cannot read, status code 404\n`,
  })
})

test('credentials: asked for, given by hand, found in the file', async () => {
  const { socket, file, ctl } = await setUp('username = "me"\npassword = "secret"')
  expect(await ctl('status')).toEqual([
    `error: unix://${socket} requires a user name and a password\n  hint: -u NAME -p PASSWORD, or -c FILE with the configuration of the daemon\n`,
    1,
  ])
  const byHand = await kahi(['ctl', '-s', socket, '-u', 'me', '-p', 'secret', 'pid', 'web'])
  expect(byHand.exitCode).toBe(0)
  const wrong = await kahi(['ctl', '-s', socket, '-u', 'me', '-p', 'wrong', 'pid'])
  expect(wrong).toMatchObject({
    exitCode: 1,
    stdout: `error: unix://${socket} does not accept this user name and password\n`,
  })
  expect((await kahi(['ctl', '-c', file, 'pid', 'web'])).exitCode).toBe(0)
})

test('the daemon is found by -s, -c, $KAHI_SOCKET, ./kahi.toml and $KAHI_CONFIG', async () => {
  const { socket, file, directory, daemon } = await setUp()
  const pid = { exitCode: 0, stdout: `${daemon.pid}\n` }
  expect(await kahi(['ctl', '--socket', `unix://${socket}`, 'pid'])).toMatchObject(pid)
  expect(await kahi(['ctl', 'pid', '--config', file])).toMatchObject(pid)
  expect(await kahi(['ctl', 'pid'], { env: { KAHI_SOCKET: socket } })).toMatchObject(pid)
  expect(await kahi(['ctl', 'pid'], { cwd: directory })).toMatchObject(pid)
  expect(await kahi(['ctl', 'pid'], { cwd: '/', env: { KAHI_CONFIG: file } })).toMatchObject(pid)
})

test('over TCP, as [ctl] says', async () => {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  const port = typeof address === 'object' ? address?.port : 0
  const file = join(scratch(), 'kahi.toml')
  writeFileSync(
    file,
    `[server.http]\nenabled = true\nlisten = "127.0.0.1:${port}"\nusername = "me"\npassword = "{SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4"\n` +
      `[ctl]\nserverurl = "http://127.0.0.1:${port}"\nusername = "me"\npassword = "secret"\n`,
  )
  const daemon = await startReady(file)
  expect(await kahi(['ctl', '-c', file, 'pid'])).toMatchObject({ exitCode: 0, stdout: `${daemon.pid}\n` })
})

test('a configuration that cannot be used is explained', async () => {
  const file = join(scratch(), 'kahi.toml')
  writeFileSync(file, 'nonsense')
  const { exitCode, stderr } = await kahi(['ctl', '-c', file, 'status'])
  expect(stderr).toContain(`${file}:1:`)
  expect(exitCode).toBe(2)
})

test.each([
  ['stop all', ['g:fine', 'other'], ''],
  ['stop g:*', ['g:fine'], ''],
  ['restart g:*', ['g:fine'], 'g:fine: started\ng:stuck: started\n'],
])('%s with one that hangs: the others are not delayed, and who hangs is named', async (line, others, started) => {
  const directory = scratch()
  const file = join(directory, 'kahi.toml')
  const deaf = `["/bin/sh", "-c", 'trap "" TERM; echo armed; while :; do sleep 1; done']\nstopwaitsecs = 3600`
  const sleeper = (name: string, command = '"/bin/sleep 1000"') =>
    `[programs.${name}]\nstartsecs = 0\ncommand = ${command}\n`
  const list = sleeper('other') + sleeper('fine') + sleeper('stuck', deaf)
  const group = '[groups.g]\nprograms = ["fine", "stuck"]\n'
  writeFileSync(file, `[server.unix]\nfile = "${directory}/k.sock"\n${list}${group}`)
  const daemon = await startReady(file)
  await daemon.line('armed')
  const pid = Number(/with pid (\d+)/.exec(await daemon.line("spawned: 'stuck'"))?.[1])
  const ctl = startDaemon(['ctl', '-c', file, ...line.split(' ')])
  expect(await ctl.line('waiting for')).toBe('waiting for g:stuck to stop')
  const { stdout: status } = await kahi(['ctl', '-c', file, 'status'])
  // A restarted process starts again as soon as it is down.
  const down = [...status.matchAll(/^(\S+) +STOPPED/gm)].map((match) => match[1])
  expect(down).toEqual(started === '' ? others : [])
  process.kill(pid, 'SIGKILL')
  const { stdout, exitCode } = await ctl.ended()
  const stopped = [...stdout.matchAll(/^(\S+): stopped$/gm)].map((match) => match[1])
  expect(stopped.sort()).toEqual([...others, 'g:stuck'].sort())
  expect(stdout.endsWith(started)).toBe(true)
  expect(exitCode).toBe(0)
  daemon.signal('SIGTERM')
  daemon.signal('SIGINT')
  await daemon.ended()
})
