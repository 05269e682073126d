// FastCGI programs: one socket for all processes of a program, as their standard input.

import { existsSync, lstatSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hasHelper, kahi, scratch, startDaemon } from '../helpers/kahi.ts'

/** Answers each connection on descriptor 0 with its process number. */
const WORKER = `
import os, socket
listener = socket.socket(fileno=0)
while True:
    one, _ = listener.accept()
    one.sendall(str(os.getpid()).encode())
    one.close()
`
const PYTHON = '/usr/bin/python3'
const canRun = existsSync(PYTHON) && hasHelper
if (!hasHelper) console.warn('FastCGI programs are not tested: no native helper')

async function start(socket: string, more = '') {
  const folder = scratch()
  writeFileSync(join(folder, 'worker.py'), WORKER)
  const file = join(folder, 'kahi.toml')
  const program = `[fcgi_programs.f]\ncommand = ["${PYTHON}", "${folder}/worker.py"]\nsocket = "${socket.replace('DIR', folder)}"`
  writeFileSync(
    file,
    `[server.unix]\nfile = "${folder}/k.sock"\n${program}\nprocess_name = "%(program_name)s%(process_num)d"\n${more}\n`,
  )
  const daemon = startDaemon(['daemon', '-c', file], { cwd: folder })
  return {
    folder,
    file,
    daemon,
    path: join(folder, 'f.sock'),
    ctl: (...args: string[]) => kahi(['ctl', '-c', file, ...args]),
  }
}

function ask(where: { readonly path: string } | { readonly port: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect({ ...where, host: '127.0.0.1' })
    socket.on('data', (chunk) => (text += chunk.toString()))
    socket.on('end', () => resolve(text))
    socket.on('error', reject)
  })
}

test.skipIf(!canRun)(
  'two processes share a unix socket, which goes with the last of them (needs python3)',
  async () => {
    const more = 'numprocs = 2\nsocket_mode = "0640"\nsocket_backlog = 3'
    const { daemon, path, ctl } = await start('unix://DIR/f.sock', more)
    await Promise.all(['f0', 'f1'].map((name) => daemon.line(`success: ${name} entered RUNNING`)))
    expect((lstatSync(path).mode & 0o777).toString(8)).toBe('640')
    const pids = daemon.output().match(/(?<=spawned: 'f\d' with pid )\d+/g)
    const first = lstatSync(path).ino
    expect(pids).toContain(await ask({ path }))
    await ctl('stop', 'f:f0')
    expect(await ask({ path })).toBe(pids?.[1])
    await ctl('start', 'f:f0')
    expect(lstatSync(path).ino).toBe(first)
    await ctl('stop', 'f:*')
    expect(existsSync(path)).toBe(false)
    await ctl('start', 'f:f0')
    expect(await ask({ path })).toMatch(/^\d+$/)
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    expect(existsSync(path)).toBe(false)
  },
)

test.skipIf(!canRun || process.getuid?.() !== 0)(
  'the socket has the owner that was asked for (needs root)',
  async () => {
    const { daemon, path } = await start('unix://DIR/f.sock', 'socket_owner = "1:2"')
    await daemon.line('success: f0 entered RUNNING')
    expect(lstatSync(path)).toMatchObject({ uid: 1, gid: 2 })
  },
)

test.skipIf(!canRun)('a TCP socket by name (needs python3)', async () => {
  const server = createServer()
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
  const { daemon } = await start(`tcp://localhost:${port}`)
  await daemon.line('success: f0 entered RUNNING')
  expect(await ask({ port })).toMatch(/^\d+$/)
})

test.skipIf(!hasHelper)('what answers at the path, or is no socket, is left alone', async () => {
  const folder = scratch()
  const other = createServer().listen(join(folder, 'live.sock'))
  await new Promise((resolve) => other.once('listening', resolve))
  writeFileSync(join(folder, 'file'), 'text')
  const program = (name: string, path: string) =>
    `[fcgi_programs.${name}]\ncommand = "/bin/cat"\nsocket = "unix://${folder}/${path}"\nstartretries = 0\n`
  writeFileSync(
    join(folder, 'kahi.toml'),
    program('live', 'live.sock') + program('file', 'file') + program('far', 'no/f'),
  )
  const daemon = startDaemon(['daemon', '-c', join(folder, 'kahi.toml')], { cwd: folder })
  for (const name of ['live', 'file', 'far']) await daemon.line(`gave up: ${name} entered FATAL`)
  const reasons = daemon.output().match(/(?<=could not create the FastCGI socket: )\w+/g)
  expect(reasons?.toSorted()).toEqual(['EADDRINUSE', 'EADDRINUSE', 'ENOENT'])
  expect(existsSync(join(folder, 'live.sock')) && existsSync(join(folder, 'file'))).toBe(true)
  other.close()
})

test('the fallback says that it cannot', async () => {
  const folder = scratch()
  const program = `[fcgi_programs.f]\ncommand = "/bin/cat"\nsocket = "unix://${folder}/f.sock"\nstartretries = 0\n`
  writeFileSync(join(folder, 'kahi.toml'), program)
  const env = { KAHI_SHIM: 'none' }
  const daemon = startDaemon(['daemon', '-c', join(folder, 'kahi.toml')], { cwd: folder, env })
  expect(await daemon.line('spawnerr')).toContain('could not create the FastCGI socket: the native helper is missing')
})
