// The commands of `kahi ctl` that wait or follow, and options of all commands, with a running daemon.

import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Daemon, kahi, type Result, scratch, startDaemon, startReady } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'

interface Setup {
  readonly directory: string
  readonly socket: string
  readonly daemon: Daemon
  ctl(...words: readonly string[]): Promise<Result>
  /** Starts a command that runs until the test stops it. */
  follow(...words: readonly string[]): Daemon
}

async function setUp(programs: string, env: Readonly<Record<string, string>> = {}): Promise<Setup> {
  const directory = scratch()
  const socket = join(directory, 'k.sock')
  const file = join(directory, 'kahi.toml')
  writeFileSync(file, `[server.unix]\nfile = "${socket}"\n${programs.replaceAll('DIR', directory)}`)
  const daemon = await startReady(file, { env })
  const words = ['ctl', '-s', socket]
  return {
    directory,
    socket,
    daemon,
    ctl: (...more) => kahi([...words, ...more]),
    follow: (...more) => startDaemon([...words, ...more], { stdin: 'pipe' }),
  }
}

const WAITED = `
[programs.web]
command = "sh -c 'while [ ! -e DIR/go ]; do sleep 0.05; done; exec sleep 1000'"
startsecs = 0
ready = { file = "DIR/go" }
health = { exec = "test -e DIR/fit", interval = 0.05 }
[programs.job]
command = "sh -c 'while [ ! -e DIR/end ]; do sleep 0.05; done; exit 3'"
startsecs = 0
autorestart = false
[programs.broken]
command = "sh -c 'exit 1'"
startretries = 0
startsecs = 1
autostart = false
[programs.off]
command = "sleep 1000"
autostart = false
`

test('wait: ready, healthy, exited, stopped; what cannot come, what takes too long, unknown names', async () => {
  const { ctl, directory, follow } = await setUp(WAITED)
  const touch = (name: string): void => writeFileSync(join(directory, name), '')
  expect(await ctl('wait', 'web', '--timeout', '0.2')).toMatchObject({
    exitCode: 2,
    stdout: 'web: not ready in time (RUNNING)\n',
  })
  const ready = follow('wait', 'web')
  touch('go')
  expect((await ready.ended()).stdout).toBe('web: ready\n')
  const healthy = follow('wait', 'web', '--for', 'healthy', '--json')
  touch('fit')
  expect(JSON.parse((await healthy.ended()).stdout)).toMatchObject([{ name: 'web', status: 'healthy' }])
  const exited = follow('wait', 'job', '--for', 'exited')
  touch('end')
  expect(await exited.ended()).toMatchObject({ exitCode: 0, stdout: 'job: exited with 3\n' })
  expect((await ctl('wait', 'off', 'job', '--for', 'stopped')).exitCode).toBe(0)
  expect(await ctl('wait', 'off', '--for', 'healthy')).toMatchObject({
    exitCode: 1,
    stdout: 'off: ERROR (it has no health check)\n',
  })
  const broken = follow('wait', 'broken')
  await ctl('start', 'broken')
  expect(await broken.ended()).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('broken: ERROR (FATAL') })
  expect(await ctl('wait', 'nope')).toMatchObject({ exitCode: 3, stderr: 'nope: ERROR (no such process)\n' })
})

test('logs: all programs together, with names; --since, --grep, -n, -f, JSON; programs that are added later', async () => {
  const { ctl, directory, daemon, follow } = await setUp(`
[programs.a]
command = "sh -c 'echo from a; echo a fails >&2; touch DIR/a DIR/input; tail -n +1 -f DIR/input & wait'"
startsecs = 0
[programs.longer]
command = "sh -c 'while [ ! -e DIR/a ]; do sleep 0.02; done; sleep 0.3; echo from longer; exec sleep 1000'"
startsecs = 0
stdout_logfile = "DIR/longer.log"
`)
  await eventually(async () => (await ctl('logs')).stdout.includes('from longer'))
  const all = (await ctl('logs')).stdout
  expect(all.split('\n').filter(Boolean).sort()).toEqual([
    'a      | a fails',
    'a      | from a',
    'longer | from longer',
  ])
  expect(all.trimEnd().endsWith('longer | from longer')).toBe(true)
  expect((await ctl('logs', 'a', '--stream', 'stderr')).stdout).toBe('a      | a fails\n')
  expect((await ctl('logs', '--grep', 'from', '-n', '1')).stdout).toBe('longer | from longer\n')
  expect((await ctl('logs', '--since', '1h', 'longer')).stdout).toBe('longer | from longer\n')
  expect((await ctl('logs', '--since', '2099-01-01')).stdout).toBe('')
  expect((await ctl('logs', '-t', 'longer')).stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z longer \| from longer\n$/)
  expect(await ctl('logs', '--since', 'soon')).toMatchObject({ exitCode: 2 })
  expect(await ctl('logs', '--grep', '(')).toMatchObject({ exitCode: 2 })
  expect(await ctl('logs', 'nope')).toMatchObject({ exitCode: 1, stdout: 'error: no such process: nope:nope\n' })

  const lines = follow('logs', '-f', '--grep', 'later|new')
  const json = follow('logs', '-f', '--json', 'a')
  await json.line('from a')
  const newest = follow('logs', '-f', '-n', '1')
  await newest.line('longer | from longer')
  appendFileSync(join(directory, 'input'), 'later\n')
  await lines.line('a      | later')
  await newest.line('a      | later')
  expect(newest.output().trimEnd().split('\n')).toEqual(['longer | from longer', 'a      | later'])
  newest.signal('SIGINT')
  await newest.ended()
  expect(JSON.parse(await json.line('later'))).toMatchObject({ group: 'a', name: 'a', stream: 'stdout', line: 'later' })
  await ctl('add', 'new', '--command', "sh -c 'echo new; exec sleep 1000'", '--set', 'startsecs=0')
  await lines.line('new    | new')
  lines.signal('SIGINT')
  expect((await lines.ended()).exitCode).toBe(0)
  daemon.signal('SIGTERM')
  await json.ended()
})

test('events -f shows events as they happen; attach passes input, output, signals and the exit code', async () => {
  const { ctl, follow } = await setUp(`
[programs.calc]
command = '''sh -c 'trap "echo interrupted" INT; echo begin; until [ "$line" = end ]; do read line && echo "got $line"; done; exit 7' '''
startsecs = 0
autorestart = false
`)
  const events = follow('events', '-f', '--types', 'process-exited')
  const json = follow('events', '-f', '--json', '--since', '0', '--types', 'process-started')
  expect(JSON.parse(await json.line('calc'))).toMatchObject({ type: 'process-started', name: 'calc' })
  const calc = follow('attach', 'calc')
  calc.stdin?.write('one\n')
  await calc.line('got one')
  calc.signal('SIGINT')
  await calc.line('interrupted')
  calc.stdin?.write('end\n')
  expect((await calc.ended()).exitCode).toBe(7)
  expect(await events.line('process-exited calc')).toContain('code=7')
  expect(await ctl('attach', 'calc')).toMatchObject({ exitCode: 7, stdout: 'calc: ERROR (not running)\n' })
  expect(await ctl('attach', 'nope')).toMatchObject({ exitCode: 1 })
  const codeOf = async (...words: string[]): Promise<unknown> => JSON.parse((await ctl(...words, '--json')).stdout).code
  expect(await codeOf('attach', 'calc')).toBe('NOT_RUNNING')
  for (const verb of ['attach', 'wait', 'up', 'down']) expect(await codeOf(verb, 'nope'), verb).toBe('NOT_FOUND')
})

test('env shows where values come from, without secrets; reload runs reload_command', async () => {
  const { ctl, directory } = await setUp(
    `
[supervisor]
environment = { SHARED = "s" }
[programs.web]
command = "sleep 1000"
startsecs = 0
environment = { PORT = "80", DB_PASSWORD = "hush", URL = "http://me:hush@db/" }
reload_command = "sh -c 'echo $MAINPID > DIR/reloaded'"
[programs.plain]
command = "sleep 1000"
startsecs = 0
reload_command = "false"
[programs.none]
command = "sleep 1000"
startsecs = 0
`,
    { FROM_DAEMON: 'd' },
  )
  const { stdout } = await ctl('env', 'web')
  for (const line of [
    `PORT=80  # [programs.web] environment at ${directory}/kahi.toml:9:1`,
    `SHARED=s  # [supervisor] environment at ${directory}/kahi.toml:5:1`,
    'FROM_DAEMON=d  # daemon',
    'SUPERVISOR_PROCESS_NAME=web  # kahi',
    `DB_PASSWORD=(hidden)  # [programs.web] environment at ${directory}/kahi.toml:9:1`,
  ])
    expect(stdout.split('\n')).toContain(line)
  expect(stdout).not.toContain('hush')
  const list = JSON.parse((await ctl('env', '--json', 'web')).stdout) as readonly { readonly name: string }[]
  expect(list.find(({ name }) => name === 'PORT')).toEqual({
    name: 'PORT',
    value: '80',
    origin: `[programs.web] environment at ${directory}/kahi.toml:9:1`,
  })
  expect(await ctl('reload', 'web')).toMatchObject({ exitCode: 0, stdout: 'web: reloaded\n' })
  const pid = (await ctl('pid', 'web')).stdout
  expect(readFileSync(join(directory, 'reloaded'), 'utf8')).toBe(pid)
  expect(await ctl('reload', 'plain', 'none', 'nope')).toMatchObject({
    exitCode: 1,
    stdout:
      'plain: ERROR (reload_command failed: exit status 1)\nnone: ERROR (it has no reload_command)\nnope: ERROR (no such process: nope:nope)\n',
  })
})

test('every verb has --json, --wait-socket and --timeout', async () => {
  const { ctl, directory, socket } = await setUp(`
[programs.web]
command = "sleep 1000"
startsecs = 0
[programs.slow]
command = "sleep 1000"
startsecs = 60
autostart = false
`)
  const json = async (...words: readonly string[]): Promise<unknown> =>
    JSON.parse((await ctl(...words, '--json')).stdout) as unknown
  expect(await json('stop', 'web')).toEqual([{ name: 'web', group: 'web', status: 'stopped' }])
  expect(await json('start', 'web')).toEqual([{ name: 'web', group: 'web', status: 'started' }])
  expect(await json('restart', 'web')).toMatchObject([{ name: 'web', status: 'restarted' }])
  expect(await json('signal', 'CONT', 'web')).toMatchObject([{ status: 'signaled' }])
  expect(await json('start', 'nope:*')).toMatchObject([{ group: 'nope', status: 'error', code: 'NOT_FOUND' }])
  expect(await json('clear', 'web')).toMatchObject([{ status: 'cleared' }])
  expect(await json('pid', 'web', 'nope')).toMatchObject([{ name: 'web' }, { name: 'nope', code: 'NOT_FOUND' }])
  expect(await json('pid')).toEqual({ pid: expect.any(Number) })
  expect(await json('version')).toMatchObject({ version: expect.any(String) })
  expect(await json('tail', 'web')).toEqual({ name: 'web', stream: 'stdout', text: '' })
  expect(await json('add', 'x', '--command', 'sleep 1000')).toEqual({ name: 'x', status: 'added' })
  expect(await json('remove', 'x')).toEqual({ name: 'x', status: 'removed' })
  expect(await json('remove', 'x')).toMatchObject({ name: 'x', status: 'error', code: 'NOT_FOUND' })
  expect(await json('timeline')).toHaveProperty('services')
  expect(await ctl('start', 'slow', '--timeout', '0.3')).toMatchObject({
    exitCode: 124,
    stderr: 'error: not done within 0.3 s; the daemon continues\n',
  })
  expect(await ctl('status', '--timeout', 'x')).toMatchObject({ exitCode: 2 })
  expect(await json('shutdown')).toEqual({ status: 'shutting_down' })
  await eventually(() => !existsSync(socket))
  const absent = await ctl('version', '--json')
  expect(absent.exitCode).toBe(7)
  expect(JSON.parse(absent.stdout)).toMatchObject({
    error: `error: no daemon listens on unix://${socket}`,
    code: 'ENOENT',
  })

  const waiting = startDaemon(['ctl', '-s', socket, '--wait-socket', '60', 'wait', 'web'])
  await startReady(join(directory, 'kahi.toml'))
  expect((await waiting.ended()).stdout).toBe('web: ready\n')
})
