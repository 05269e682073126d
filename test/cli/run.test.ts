// `kahi run`: one command without a configuration file.

import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, kahiPath, scratch, startDaemon } from '../helpers/kahi.ts'

const NAMESPACE = ['--pid', '--fork', '--mount-proc', '--kill-child', '--']
const canUnshare = spawnSync('unshare', [...NAMESPACE, 'true']).status === 0
if (!canUnshare) console.warn('not root, or no unshare: kahi run as PID 1 is not tested')

const sh = (script: string): readonly string[] => ['--', 'sh', '-c', script]

test('the command has the output and the arguments, and its exit code is that of kahi', async () => {
  expect(
    await kahi(['run', '--', 'sh', '-c', 'echo "$1 $2"; echo oops >&2; exit 7', 'sh', '%(x)s ${HOME}', '--user']),
  ).toEqual({
    exitCode: 7,
    stdout: '%(x)s ${HOME} --user\n',
    stderr: 'oops\n',
    signal: undefined,
  })
  expect(await kahi(['run', 'echo', '-n', '--help'])).toMatchObject({ exitCode: 0, stdout: '--help' })
  expect(await kahi(['run', ...sh('kill -KILL $$')])).toMatchObject({ exitCode: 137 })
  expect(await kahi(['run', '--', 'cat'], { input: 'typed\n' })).toMatchObject({ exitCode: 0, stdout: 'typed\n' })
  expect(await kahi(['run', '--', '/nonexistent'])).toMatchObject({
    exitCode: 127,
    stderr: "kahi: can't find command '/nonexistent'\n",
  })
  expect(
    await kahi(['run', '--env', 'A=1 $x', '--dir', '/', '--log-format', 'channel', ...sh('echo "$A"; pwd')]),
  ).toMatchObject({
    exitCode: 0,
    stdout: 'sh stdout | 1 $x\nsh stdout | /\n',
  })
})

test('mistakes are explained', async () => {
  expect(await kahi(['run'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('COMMAND must be given') })
  expect(await kahi(['run', '--wach', 'x', '--', 'true'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('did you mean --watch?'),
  })
  expect(await kahi(['run', '--restart', 'maybe', '--', 'true'])).toMatchObject({ exitCode: 2 })
  expect(await kahi(['run', '--ready', 'soon', '--', 'true'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('--ready must be a check'),
  })
  expect(await kahi(['run', '--set', 'strtsecs=1', '--', 'true'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('startsecs'),
  })
  expect((await kahi(['run', '--help'])).stdout).toContain('--watch-action')
})

test('SIGTERM stops the whole group in order, other signals are passed on', async () => {
  const folder = scratch()
  const run = startDaemon(
    ['run', ...sh('trap "echo hup" HUP; trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.05; done')],
    { cwd: folder },
  )
  await run.line('up')
  run.signal('SIGHUP')
  await run.line('hup')
  run.signal('SIGTERM')
  await run.line('bye')
  expect((await run.ended()).exitCode).toBe(0)
})

test('signals for the command do not end kahi while the command waits for its restart', async () => {
  const options = ['--restart', 'always', '--set', 'restart={"delay":60}']
  const run = startDaemon(['run', ...options, ...sh('exit 3')], { cwd: scratch() })
  await run.line('restarting: sh in 60 seconds')
  for (const name of ['SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGCONT'] as const) {
    run.signal(name)
    await run.line(`ignored ${name}, which is for 'sh': it has no process now`)
  }
  run.signal('SIGTERM')
  const { exitCode, stderr } = await run.ended()
  expect(exitCode).toBe(0)
  expect(stderr).not.toContain('warning')
})

test('restarts: on failure until it succeeds, and at most so many times', async () => {
  const folder = scratch()
  const again = 'echo x >>tries; test $(wc -l <tries) -ge 3'
  const options = ['--restart', 'on-failure', '--set', 'restart={"delay":0,"limit":5}']
  expect(await kahi(['run', ...options, ...sh(again)], { cwd: folder })).toMatchObject({ exitCode: 0 })
  expect(readFileSync(join(folder, 'tries'), 'utf8')).toBe('x\nx\nx\n')
  const failing = ['--restart', 'on-failure', '--set', 'restart={"delay":0,"limit":2}']
  expect(await kahi(['run', ...failing, ...sh('echo x >>fails; exit 9')], { cwd: folder })).toMatchObject({
    exitCode: 9,
  })
  expect(readFileSync(join(folder, 'fails'), 'utf8')).toBe('x\nx\nx\n')
})

test('a watched file restarts or signals it; readiness and health are shown by kahi ctl', async () => {
  const folder = scratch()
  const file = join(folder, 'app.conf')
  writeFileSync(file, 'one\n')
  const run = startDaemon(['run', '--watch', file, ...sh('echo "read $(cat app.conf)"; exec sleep 1000')], {
    cwd: folder,
  })
  await run.line('read one')
  writeFileSync(file, 'two\n')
  await run.line('read two')
  run.signal('SIGINT')
  expect((await run.ended()).exitCode).toBe(0)

  const socket = join(folder, 's')
  const options = ['--watch', file, '--watch-action', 'signal:HUP', '--socket', socket, '--ready', `file:${folder}/go`]
  const health = ['--health', `exec:test -e ${folder}/fit`, '--health-interval', '0.05', '--on-unhealthy', 'shutdown']
  const script = 'trap "echo heard" HUP; echo up; while :; do sleep 0.05; done'
  writeFileSync(join(folder, 'fit'), '')
  const watched = startDaemon(['run', ...options, ...health, ...sh(script)], { cwd: folder })
  await watched.line('up')
  expect((await kahi(['ctl', '-s', socket, 'wait', 'sh', '--timeout', '0.1'])).exitCode).toBe(2)
  writeFileSync(join(folder, 'go'), '')
  expect((await kahi(['ctl', '-s', socket, 'wait', 'sh', '--for', 'healthy'])).exitCode).toBe(0)
  writeFileSync(file, 'three\n')
  await watched.line('heard')
  await kahi(['ctl', '-s', socket, 'signal', 'TERM', 'sh'])
  expect((await watched.ended()).exitCode).toBe(143)
})

test.skipIf(!canUnshare)('as PID 1 it reaps orphans, and kahi ctl finds it at the default socket', async () => {
  const folder = scratch()
  const script = `(sh -c 'sleep 0.05' & ) ; until [ -e ${folder}/end ]; do sleep 0.05; done; ps -o stat= -e | grep -c Z; ${kahiPath} ctl status | grep -c RUNNING; exit 5`
  const mount = `mount -t tmpfs none /run && exec ${kahiPath} run -- sh -c "$0"`
  const run = startDaemon([...NAMESPACE.slice(0, -1), '--mount', '--', 'sh', '-c', mount, script], {
    program: 'unshare',
  })
  writeFileSync(join(folder, 'end'), '')
  expect(await run.ended()).toMatchObject({ exitCode: 5, stdout: '0\n1\n' })
})
