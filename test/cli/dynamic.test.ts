// Programs that a client adds at run time: kahi ctl add and remove, PUT and DELETE of the REST interface, through dist/kahi.

import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Daemon, kahi, type Result, scratch, startReady } from '../helpers/kahi.ts'

interface Run {
  readonly folder: string
  readonly file: string
  readonly daemon: Daemon
  /** The file of added programs. */
  readonly kept: string
  ctl(...args: string[]): Promise<Result>
  /** The pid of a process, 0 without one. */
  pid(name: string): Promise<number>
}

const WEB = '[programs.web]\ncommand = "/bin/sleep 1000"\n'

async function start(tables = WEB, folder = scratch()): Promise<Run> {
  const file = join(folder, 'kahi.toml')
  writeFileSync(file, `[server.unix]\nfile = "${folder}/k.sock"\n${tables}`)
  const daemon = await startReady(file, { cwd: folder })
  const ctl = (...args: string[]) => kahi(['ctl', '-c', file, ...args], { cwd: folder })
  const pid = async (name: string) => {
    const { body } = await ask(folder, 'GET', `processes/${name}`)
    return (body as { pid: number }).pid
  }
  return { folder, file, daemon, kept: join(folder, 'k.sock.programs.toml'), ctl, pid }
}

async function ask(
  folder: string,
  method: string,
  what: string,
  body = '',
): Promise<{ status: number; body: unknown }> {
  const outgoing = request({ socketPath: join(folder, 'k.sock'), path: `/api/v1/${what}`, method, agent: false })
  outgoing.end(body)
  const [response] = await once(outgoing, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { status: response.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()) }
}

describe('kahi ctl add and remove', () => {
  test('a program runs, is shown as dynamic, and outlives a reload and a restart of the daemon', async () => {
    const run = await start()
    const command = ['--command', `/bin/sh -c 'echo "$GREETING from $PWD"; exec sleep 1000'`]
    const added = await run.ctl('add', 'job', ...command, '--env', 'GREETING=hi', '--dir', '/', '--set', 'startsecs=0')
    expect(added).toMatchObject({ exitCode: 0, stdout: 'job: added\n', stderr: '' })
    await run.daemon.line('hi from /')
    const { body } = await ask(run.folder, 'GET', 'processes')
    expect(body).toMatchObject([
      { name: 'job', dynamic: true, state: 'RUNNING' },
      { name: 'web', dynamic: false },
    ])
    expect(statSync(run.kept).mode & 0o777).toBe(0o600)
    const pid = await run.pid('job')
    run.daemon.signal('SIGHUP')
    await run.daemon.line('reloaded the configuration; 2 groups unchanged')
    expect(await run.pid('job')).toBe(pid)
    run.daemon.signal('SIGTERM')
    await run.daemon.ended()
    const again = await start(`[supervisor]\nboot = ["web"]\n${WEB}`, run.folder)
    await again.daemon.line('hi from /')
    expect(await again.ctl('remove', 'job')).toMatchObject({ exitCode: 0, stdout: 'job: removed\n' })
    expect(existsSync(again.kept)).toBe(false)
    expect(await ask(again.folder, 'GET', 'processes/job')).toMatchObject({ status: 404 })
  })

  test('adding it again puts another one in its place; autostart = false leaves it down', async () => {
    const run = await start()
    await run.ctl('add', 'job', '--command', 'sleep 1000', '--set', 'startsecs=0')
    const first = await run.pid('job')
    expect((await run.ctl('add', 'job', '--command', 'sleep 999', '--set', 'startsecs=0')).stdout).toBe(
      'job: replaced\n',
    )
    expect(await run.pid('job')).not.toBe(first)
    await run.ctl('add', 'job', '--command', 'sleep 999', '--set', 'autostart=false')
    expect(await run.pid('job')).toBe(0)
    expect(readFileSync(run.kept, 'utf8').match(/^\[programs\.job\]$/gm)).toHaveLength(1)
  })

  test.each([
    [
      ['job', '--command', 'sleep 9', '--set', 'startsecss=1'],
      2,
      /^job: ERROR \(Unknown key "startsecss"[^]*did you mean "startsecs"/,
    ],
    [['job', '--command', 'sleep 9', '--user', 'nobody-at-all'], 2, /There is no user "nobody-at-all"/],
    [['job'], 2, /\[programs\.job\] has no "command"/],
    [['a b', '--command', 'sleep 9'], 2, /must not contain " "/],
    [['web', '--command', 'sleep 9'], 1, /web is in the configuration file/],
    [['job', '--command', 'sleep 9', '--set', 'depends_on=["nobody"]'], 2, /unknown "nobody"/],
  ])('add %j is refused', async (args, exitCode, text) => {
    const run = await start()
    const result = await run.ctl('add', ...args)
    expect(result.stdout).toMatch(text)
    expect(result.exitCode).toBe(exitCode)
    expect(existsSync(run.kept)).toBe(false)
    expect(await ask(run.folder, 'GET', 'processes/job')).toMatchObject({ status: 404 })
  })

  test('only what was added is removed', async () => {
    const run = await start()
    expect(await run.ctl('remove', 'job')).toMatchObject({ exitCode: 1, stdout: 'job: ERROR (no such program: job)\n' })
    expect((await run.ctl('remove', 'web')).stdout).toBe('web: ERROR (web is in the configuration file)\n')
    await run.ctl('add', 'job', '--command', 'sleep 1000')
    expect(await run.ctl('remove', 'job')).toMatchObject({ exitCode: 0, stdout: 'job: removed\n' })
    expect(await run.ctl('up', 'job')).toMatchObject({ exitCode: 3, stderr: 'error: there is no "job"\n' })
  })

  test('a program that comes into the file later is that of the file', async () => {
    const run = await start()
    await run.ctl('add', 'job', '--command', 'sleep 1000')
    writeFileSync(run.file, `${readFileSync(run.file, 'utf8')}[programs.job]\ncommand = "sleep 998"\n`)
    run.daemon.signal('SIGHUP')
    await run.daemon.line('job is in the configuration file')
    await run.daemon.line('changed: job')
    expect(JSON.parse((await run.ctl('status', '--json', 'job')).stdout)).toMatchObject([{ dynamic: false }])
  })
})

describe('PUT and DELETE /api/v1/programs/NAME', () => {
  test('add, replace, remove', async () => {
    const run = await start()
    const keys = { command: ['sleep', '1000'], limits: { nofile: 100 }, environment: { A: '1' } }
    expect(await ask(run.folder, 'PUT', 'programs/job', JSON.stringify(keys))).toEqual({
      status: 200,
      body: { name: 'job', status: 'added' },
    })
    expect(await ask(run.folder, 'PUT', 'programs/job', JSON.stringify(keys))).toMatchObject({
      body: { status: 'replaced' },
    })
    expect(await ask(run.folder, 'DELETE', 'programs/job')).toEqual({
      status: 200,
      body: { name: 'job', status: 'removed' },
    })
    expect(await ask(run.folder, 'DELETE', 'programs/job')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
  })

  test.each([
    ['', 400, 'BAD_REQUEST', 'body: is missing: an object'],
    ['{', 400, 'BAD_REQUEST', 'not JSON'],
    ['[]', 400, 'BAD_ARGUMENTS', 'body:1:1: error: The program must be a JSON object'],
    ['{"command": "x",\n  "priority": null}', 400, 'BAD_ARGUMENTS', 'body:2:3: error: Cannot read "priority"'],
    ['{"command": "x",\n  "startsecs": -1.5}', 400, 'BAD_ARGUMENTS', 'body:2:3: error: Cannot read "startsecs"'],
    [
      '{"environment": {"numprocs": "2"}, "command": "x", "numprocs": 2}',
      400,
      'BAD_ARGUMENTS',
      'body:1:52: error: [programs.job] has 2',
    ],
  ])('the body %s is refused', async (body, status, code, text) => {
    const run = await start()
    const answer = await ask(run.folder, 'PUT', 'programs/job', body)
    expect(answer).toMatchObject({ status, body: { code } })
    expect((answer.body as { error: string }).error).toContain(text)
  })

  test.each([
    ['%0A', 'must not contain'],
    ['a%0Ab', 'must not contain'],
    ['%1b%5b31m', 'must not contain'],
    ['%20a', 'must not contain'],
    ['n'.repeat(252), '1 to 251 characters, not 252'],
  ])('the name %j is refused', async (name, text) => {
    const run = await start()
    const { status, body } = await ask(run.folder, 'PUT', `programs/${name}`, '{"command": "x"}')
    expect([status, (body as { error: string }).error]).toEqual([400, expect.stringContaining(text)])
    expect(existsSync(run.kept)).toBe(false)
  })

  test('nothing is added or removed that the file has, and by no other method', async () => {
    const run = await start()
    expect(await ask(run.folder, 'PUT', 'programs/web', '{"command": "x"}')).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT' },
    })
    expect(await ask(run.folder, 'DELETE', 'programs/web')).toMatchObject({ status: 409 })
    expect(await ask(run.folder, 'POST', 'programs/web')).toMatchObject({ status: 405 })
  })
})
