// `kahi healthcheck`: the native launcher answers by itself, and kahi.js gives the same answers.

import { createServer } from 'node:net'
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Daemon, kahi, type Result, root, type RunOptions, scratch, startDaemon } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'

const isNative = existsSync(join(root, 'dist/kahi-shim'))
if (!isNative) console.log('no C compiler: kahi healthcheck is tested without the native launcher')

type Ask = (words: readonly string[], options?: RunOptions) => Promise<Result>

/** An environment without Node.js in PATH, so only the launcher can answer. */
const byLauncher: Ask = (words, options = {}) =>
  kahi(['healthcheck', ...words], { ...options, env: { PATH: '/nonexistent', ...options.env } })
const byBundle: Ask = (words, options = {}) =>
  kahi([join(root, 'dist/kahi.js'), 'healthcheck', ...words], { ...options, program: process.execPath })

async function start(toml: string): Promise<{ socket: string; file: string; daemon: Daemon; open: () => void }> {
  const folder = scratch()
  const socket = join(folder, 'k.sock')
  const file = join(folder, 'kahi.toml')
  writeFileSync(file, `[server.unix]\nfile = "${socket}"\n${toml.replaceAll('DIR', folder)}`)
  const daemon = startDaemon(['daemon', '-c', file], { cwd: folder })
  await daemon.line('kahi started with pid')
  return { socket, file, daemon, open: () => writeFileSync(join(folder, 'open'), '') }
}

const SLEEPER = '[programs.up]\ncommand = "/bin/sleep 1000"\nstartsecs = 0\n'
const WAITING = `[programs."é"]\ncommand = ["/bin/sh", "-c", "until [ -e DIR/open ]; do sleep 0.05; done; echo >&3; exec sleep 1000"]\nready = { fd = 3 }\n`

const ways: readonly (readonly [string, Ask])[] = [
  ...(isNative ? [['the launcher', byLauncher] as const] : []),
  ['kahi.js', byBundle],
]

describe.each(ways)('by %s', (_, ask) => {
  test('ready or not, with names and without', async () => {
    const { socket, open } = await start(SLEEPER + WAITING)
    expect(await ask(['-s', socket])).toMatchObject({ exitCode: 1, stdout: '', stderr: 'not ready: é\n' })
    expect(await ask(['--socket', `unix://${socket}`, 'up'])).toMatchObject({ exitCode: 0, stdout: 'ready\n' })
    expect(await ask(['up', 'é'], { env: { KAHI_SOCKET: socket } })).toMatchObject({
      exitCode: 1,
      stderr: 'not ready: é\n',
    })
    open()
    await eventually(async () => (await ask(['-s', socket])).exitCode === 0, 'all are ready')
    expect(await ask(['-s', socket, 'up', 'é'])).toMatchObject({ exitCode: 0, stdout: 'ready\n', stderr: '' })
  })

  test('a name that no process has', async () => {
    const { socket } = await start(SLEEPER)
    const { exitCode, stderr } = await ask(['-s', socket, 'zz'])
    expect(stderr).toMatch(/^error: .*zz/)
    expect(exitCode).toBe(1)
  })

  test.each([
    ['nothing there', undefined, 'there is no such socket: no daemon runs, or it listens elsewhere'],
    ['a file', (path: string) => writeFileSync(path, ''), 'no daemon listens on this socket'],
  ])('%s', async (__, make, reason) => {
    const path = join(scratch(), 'k.sock')
    make?.(path)
    const hint = '  hint: name its socket with --socket PATH or the variable KAHI_SOCKET\n'
    expect(await ask(['-s', path])).toMatchObject({ exitCode: 1, stderr: `error: ${path}: ${reason}\n${hint}` })
  })

  test('a daemon that does not answer', async () => {
    const path = join(scratch(), 'k.sock')
    const server = createServer(() => {}).listen(path)
    onTestFinished(() => void server.close())
    await eventually(() => server.listening, 'the server listens')
    const said = `error: ${path}: the daemon does not answer within 1 s\n`
    expect(await ask(['-s', path, '--timeout', '1'])).toMatchObject({ exitCode: 1, stderr: said })
  })
})

test('--config reads where the daemon listens', async () => {
  const { file } = await start(SLEEPER)
  expect(await kahi(['healthcheck', '-c', file])).toMatchObject({ exitCode: 0, stdout: 'ready\n' })
})

test.each([['0'], ['x'], ['1.5']])('--timeout %s is a mistake', async (timeout) => {
  const { exitCode, stderr } = await kahi(['healthcheck', '--timeout', timeout])
  expect(stderr).toMatch(/whole number from 1/)
  expect(exitCode).toBe(2)
})

test.skipIf(process.getuid?.() !== 0 || !isNative)('another user is refused (needs root)', async () => {
  const { socket } = await start(SLEEPER)
  chmodSync(join(socket, '..'), 0o755)
  const words = ['--reuid', '65534', '--clear-groups', join(root, 'dist/kahi'), 'healthcheck', '-s', socket]
  const { exitCode, stderr } = await kahi(words, { program: 'setpriv', cwd: '/' })
  expect(stderr).toBe(`error: ${socket}: this user must not connect to the daemon\n`)
  expect(exitCode).toBe(1)
})

const asUser = (...words: readonly string[]): Promise<Result> =>
  kahi(['--reuid', '54321', '--clear-groups', ...words], {
    program: 'setpriv',
    cwd: '/',
    env: { XDG_RUNTIME_DIR: undefined, KAHI_SOCKET: undefined },
  })

test.skipIf(process.getuid?.() !== 0 || !isNative)(
  'a directory of another user at the default socket is not trusted (needs root)',
  async () => {
    mkdirSync('/tmp/kahi-54321', { mode: 0o755 })
    onTestFinished(() => rmSync('/tmp/kahi-54321', { recursive: true }))
    const said = expect.stringMatching(/^error: \/tmp\/kahi-54321 is not a directory that only you can enter/)
    const node = process.execPath
    for (const words of [
      [join(root, 'dist/kahi'), 'healthcheck'],
      [node, join(root, 'dist/kahi.js'), 'healthcheck'],
      [node, join(root, 'dist/kahi.js'), 'ctl', 'status'],
    ]) {
      const { exitCode, stderr } = await asUser(...words)
      expect(stderr).toEqual(said)
      expect(exitCode).not.toBe(0)
    }
  },
)

test.runIf(isNative)('an answer cannot write to the terminal', async () => {
  const path = join(scratch(), 'k.sock')
  const body = '{"pending":["a\u001b]0;x\u0007b"]}'
  const server = createServer((socket) => {
    socket.once('data', () => socket.end(`HTTP/1.1 503 Service Unavailable\r\n\r\n${body}`))
  }).listen(path)
  onTestFinished(() => void server.close())
  await eventually(() => server.listening, 'the server listens')
  expect(await byLauncher(['-s', path])).toMatchObject({ exitCode: 1, stderr: 'not ready: a?]0;x?b\n' })
})

test('an error that a daemon answers to kahi ctl cannot write to the terminal', async () => {
  const path = join(scratch(), 'k.sock')
  const body = '{"code":"CONFLICT","error":"a\\u001b]0;x\\u0007b"}'
  const server = createServer((socket) => {
    socket.once('data', () => socket.end(`HTTP/1.1 409 Conflict\r\n\r\n${body}`))
  }).listen(path)
  onTestFinished(() => void server.close())
  await eventually(() => server.listening, 'the server listens')
  const { exitCode, stdout, stderr } = await kahi(['ctl', '-s', path, 'version'])
  expect(exitCode).not.toBe(0)
  expect(`${stdout}${stderr}`).toContain('a?]0;x?b')
})
