// ready = { notify = true }: messages of programs to NOTIFY_SOCKET. Python sends them, because Node has no such sockets.

import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hasPython } from '../helpers/python.ts'
import { hasHelper, kahi, scratch, startDaemon } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'

if (!hasPython) console.warn('no python3: readiness over NOTIFY_SOCKET is not tested')
const isRoot = process.getuid?.() === 0

/** Sends each line of the file `say` as a datagram; `;` in it are newlines. Names its socket in the file `where`. */
const TALKER = `import os, socket, sys, time
folder = sys.argv[1]
where = os.environ["NOTIFY_SOCKET"]
open(folder + "/where", "w").write(where)
talk = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
said = 0
while True:
    lines = open(folder + "/say").read().split("\\n")
    for line in lines[said:-1]: talk.sendto(line.replace(";", "\\n").encode(), where.replace("@", "\\0", 1))
    said = len(lines) - 1
    time.sleep(0.02)
`

async function run(more = '', keys = '') {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  spawnSync('chmod', ['777', folder])
  writeFileSync(join(folder, 'talker.py'), TALKER)
  writeFileSync(join(folder, 'say'), '')
  writeFileSync(
    file,
    `[server.unix]
file = "${folder}/k.sock"
[programs.p]
command = "/usr/bin/python3 ${folder}/talker.py ${folder}"
ready = { notify = true${more} }
startsecs = 0
${keys}
[programs.web]
command = "/bin/sleep 1000"
depends_on = ["p"]
`,
  )
  const env = { NOTIFY_SOCKET: '/the/daemons/own' }
  const daemon = startDaemon(['daemon', '-c', file, '--survive'], { cwd: folder, env })
  await daemon.line("spawned: 'p'")
  const status = async () => {
    const all = JSON.parse((await kahi(['ctl', '-c', file, 'status', '--json'])).stdout)
    return all.find(({ name }: { name: string }) => name === 'p') as { ready: boolean; status_text: string }
  }
  const say = (text: string) => appendFileSync(join(folder, 'say'), `${text}\n`)
  const end = async () => {
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  }
  return { folder, daemon, status, say, end }
}

describe.runIf(hasPython && hasHelper)('NOTIFY_SOCKET', () => {
  test('READY, STATUS and STOPPING are heard, also as another user and by the next daemon process', async () => {
    const { daemon, status, say, end } = await run('', isRoot ? 'user = "nobody"' : '')
    say(`STATUS=warming up;X_OTHER=1`)
    await eventually(async () => expect((await status()).status_text).toBe('warming up'))
    expect(await status()).toMatchObject({ ready: false })
    expect(daemon.output()).not.toContain("spawned: 'web'")
    say('READY=1;STATUS=at work')
    await daemon.line("spawned: 'web'")
    expect(await status()).toMatchObject({ ready: true, status_text: 'at work' })
    const children = readFileSync(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8').split(' ').filter(Boolean)
    const nodePid = children.find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'node')
    process.kill(Number(nodePid), 'SIGKILL')
    say('STATUS=nobody there')
    await daemon.line("re-adopted 'p'")
    say('STOPPING=1')
    await daemon.line('p reports that it is stopping')
    expect(await status()).toMatchObject({ ready: false, status_text: 'nobody there' })
    await end()
  })

  test('strangers are not heard, and nothing too long', async () => {
    const { folder, daemon, status, say, end } = await run()
    const file = join(folder, 'where')
    await eventually(() => existsSync(file) && readFileSync(file, 'utf8') !== '', 'the socket has a name')
    const where = readFileSync(file, 'utf8')
    expect(where).toMatch(/^@[0-9a-f]+$/)
    const stranger = `import socket, sys
talk = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
talk.sendto(b"READY=1", sys.argv[1].replace("@", "\\0", 1))
sys.stdin.read()`
    const sent = spawnSync('sh', ['-c', 'sleep 0.3 | /usr/bin/python3 -c "$1" "$2"', 'sh', stranger, where])
    expect(sent.status).toBe(0)
    say(`STATUS=${'x'.repeat(5000)}`)
    say(`STATUS=${'y'.repeat(300)}`)
    await eventually(async () => expect((await status()).status_text).not.toBe(''))
    expect(await status()).toMatchObject({ ready: false, status_text: 'y'.repeat(200) })
    expect(daemon.output()).not.toContain("spawned: 'web'")
    await end()
  })
})

test('without the native helper it is said that this cannot be', async () => {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  writeFileSync(
    file,
    `[server.unix]\nfile = "${folder}/k.sock"\n` + '[programs.p]\ncommand = "/bin/true"\nready = { notify = true }\n',
  )
  const daemon = startDaemon(['daemon', '-c', file], { cwd: folder, env: { KAHI_SHIM: 'none' } })
  await daemon.line('spawnerr: could not make the socket for readiness: the native helper is missing')
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
})

test.each([
  ['{ notify = false }', 'notify can only be true'],
  ['{ notify = true, fd = 3 }', 'it must have exactly one of fd, notify, tcp'],
])('%s is refused', async (ready, message) => {
  const folder = scratch()
  writeFileSync(join(folder, 'kahi.toml'), `[programs.p]\ncommand = "p"\nready = ${ready}\n`)
  const { stderr, exitCode } = await kahi(['check', 'kahi.toml'], { cwd: folder })
  expect(stderr).toContain(message)
  expect(exitCode).toBe(2)
})
