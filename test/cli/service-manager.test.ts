// The messages of the daemon to the service manager that started it, over a real datagram socket. Python opens the socket,
// because Node.js has no such sockets.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { execa } from 'execa'
import { hasHelper, kahi, scratch, startDaemon } from '../helpers/kahi.ts'
import { hasPython } from '../helpers/python.ts'
import { eventually } from '../helpers/wait.ts'

if (!hasPython) console.warn('no python3: messages to a service manager are not tested')
if (!hasHelper) console.warn('no native helper: messages to a service manager are not tested')

/** Writes each datagram as a line with the pid of its sender; newlines in it become `;`. */
const LISTENER = `import socket, struct, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
s.bind(sys.argv[1].replace("@", "\\0", 1))
print("listening", flush=True)
while True:
    data, more, _, _ = s.recvmsg(4096, 100)
    open(sys.argv[2], "a").write(data.decode().replace("\\n", ";") + "\\n")
`

async function listen(path: string, log: string): Promise<() => readonly string[]> {
  writeFileSync(log, '')
  const listener = execa('python3', ['-c', LISTENER, path, log], { reject: false })
  onTestFinished(() => void listener.kill('SIGKILL'))
  await new Promise((resolve) => listener.stdout.once('data', resolve))
  return () => readFileSync(log, 'utf8').split('\n').slice(0, -1)
}

test.runIf(hasPython && hasHelper).each(['path', 'abstract'])('ready, alive, reloading, stopping: %s', async (kind) => {
  const folder = scratch()
  const socket = kind === 'path' ? join(folder, 'notify') : `@${folder}/notify`
  const said = await listen(socket, join(folder, 'said'))
  const file = join(folder, 'kahi.toml')
  writeFileSync(
    file,
    `[server.unix]\nfile = "${folder}/k.sock"\n[programs.web]\ncommand = "/bin/sh -c 'env > ${folder}/env; exec sleep 1000'"\n`,
  )
  const env = { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '100000' }
  const daemon = startDaemon(['daemon', '-c', file], { env })
  await eventually(() => said().includes('READY=1') && said().filter((line) => line === 'WATCHDOG=1').length > 2)
  await daemon.line('web entered RUNNING')
  expect(readFileSync(join(folder, 'env'), 'utf8')).not.toMatch(/NOTIFY_SOCKET|WATCHDOG/)
  const others = () => said().filter((line) => line !== 'WATCHDOG=1')
  daemon.signal('SIGHUP')
  await eventually(() =>
    expect(others()).toEqual(['READY=1', expect.stringMatching(/^RELOADING=1;MONOTONIC_USEC=\d+$/), 'READY=1']),
  )
  expect(await kahi(['ctl', '-c', file, 'shutdown'])).toMatchObject({ exitCode: 0 })
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  expect(others().slice(3)).toEqual(['STOPPING=1'])
})

test.runIf(hasHelper)('a service manager that does not listen is reported once', async () => {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  writeFileSync(file, `[server.unix]\nfile = "${folder}/k.sock"\n`)
  const daemon = startDaemon(['daemon', '-c', file], { env: { NOTIFY_SOCKET: `${folder}/none` } })
  await daemon.line(`cannot notify the service manager at ${folder}/none: ENOENT`)
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  expect(daemon.output().match(/cannot notify/g)).toHaveLength(1)
})
