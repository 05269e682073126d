// The protocols of supervisord on a running kahi, without supervisord: restart, streams of logs, passwords, and hostile
// clients.

import { appendFileSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Daemon, kahi, scratch, startDaemon } from '../helpers/kahi.ts'

interface Running {
  readonly daemon: Daemon
  readonly conf: string
  readonly socket: string
  ctl(...args: string[]): Promise<string>
}

async function start(unix = ''): Promise<Running> {
  const folder = scratch()
  const conf = join(folder, 's.conf')
  const socket = join(folder, 's.sock')
  writeFileSync(
    conf,
    `[supervisord]\nlogfile=%(here)s/main.log\nloglevel=info\n[unix_http_server]\nfile=${socket}\n${unix}\n` +
      `[supervisorctl]\nserverurl=unix://${socket}\n[program:web]\ncommand=sh -c 'echo up; exec cat'\nstdout_logfile=%(here)s/web.log\n`,
  )
  const daemon = startDaemon(['supervisord', '-n', '-c', conf], { cwd: folder })
  await daemon.line('success: web entered RUNNING')
  const ctl = async (...args: string[]) => {
    const { stdout, stderr } = await kahi(['supervisorctl', '-c', conf, ...args])
    return stdout + stderr
  }
  return { daemon, conf, socket, ctl }
}

/** Sends bytes and gives the whole answer. */
async function send(socket: string, text: string | Buffer): Promise<string> {
  const client = await open(socket)
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    client.on('data', (chunk) => chunks.push(chunk))
    client.on('error', () => {})
    client.on('close', () => resolve(Buffer.concat(chunks).toString()))
    client.write(text)
  })
}

/** Opens a connection. If the system refuses because the daemon has not yet accepted earlier ones, tries again. */
async function open(socket: string): Promise<Socket> {
  for (;;) {
    const client = connect(socket)
    const isOpen = await new Promise<boolean>((resolve) => {
      client.on('connect', () => resolve(true))
      client.on('error', () => resolve(false))
    })
    if (isOpen) return client
  }
}

function post(body: string, headers = ''): string {
  return `POST /RPC2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

const CALL = '<methodCall><methodName>supervisor.getState</methodName></methodCall>'

test('reload and SIGHUP begin anew in the same process, with the configuration as it is then', async () => {
  const { daemon, conf, ctl } = await start()
  const pid = await ctl('pid')
  appendFileSync(conf, '[program:more]\ncommand=sleep 1000\n')
  expect(await ctl('reload')).toBe('Restarted supervisord\n')
  await daemon.line('success: more entered RUNNING')
  expect(await ctl('pid')).toBe(pid)
  appendFileSync(conf, '[program:third]\ncommand=sleep 1000\n')
  daemon.signal('SIGHUP')
  await daemon.line('success: third entered RUNNING')
  expect(daemon.output()).toContain('received SIGHUP indicating restart request')
  appendFileSync(conf, '[program:bad]\n')
  daemon.signal('SIGHUP')
  await daemon.line('the new configuration is invalid; the old one stays in force')
  expect(await ctl('status', 'third')).toContain('RUNNING')
  daemon.signal('SIGTERM')
  expect((await daemon.ended()).exitCode).toBe(0)
})

test('a log comes as it is written, and input goes in', async () => {
  const { daemon, socket, ctl } = await start()
  const client = connect(socket, () => client.write('GET /logtail/web HTTP/1.1\r\nHost: x\r\n\r\n'))
  onTestFinished(() => void client.destroy())
  let text = ''
  const seen = (wanted: string) =>
    new Promise<void>((resolve) => {
      const look = (chunk: Buffer) => {
        text += chunk.toString()
        if (text.includes(wanted)) resolve()
      }
      client.on('data', look)
    })
  await seen('up\n')
  const echoed = seen('hello\n')
  const body = `<methodCall><methodName>supervisor.sendProcessStdin</methodName><params><param><value>web</value></param><param><value>hello\n</value></param></params></methodCall>`
  expect(await send(socket, post(body))).toContain('<boolean>1</boolean>')
  await echoed
  expect(text).toContain('Content-Type: text/plain;charset=utf-8')
  expect(await send(socket, 'GET /logtail/nope HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toContain(
    '404 Not Found',
  )
  expect(await ctl('shutdown')).toBe('Shut down\n')
  expect((await daemon.ended()).exitCode).toBe(0)
})

test.each(['secret', '{SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4'])(
  'a password %s is asked for',
  async (password) => {
    const { ctl, socket } = await start(`username=u\npassword=${password}`)
    expect(await send(socket, post(CALL))).toMatch(
      /^HTTP\/1.1 401 Unauthorized[^]*WWW-Authenticate: Basic realm="default"/,
    )
    expect(await ctl('pid')).toMatch(/^Server requires authentication\nerror: <class 'xmlrpc.client.ProtocolError'>/)
    expect(await ctl('-u', 'u', '-p', 'wrong', 'pid')).toContain('Server requires authentication')
    expect(await ctl('-u', 'u', '-p', 'secret', 'pid')).toMatch(/^\d+\n$/)
  },
)

const HOSTILE: readonly (readonly [what: string, body: string, status: number])[] = [
  ['no XML', 'x', 400],
  ['an end without a beginning', '</a>', 400],
  ['a beginning without an end', '<methodCall><methodName>', 400],
  ['no method', '<methodCall></methodCall>', 400],
  ['entities of its own', `<!DOCTYPE a [<!ENTITY b "c">]>${CALL}`, 400],
  ['an unknown entity', '<methodCall><methodName>&b;</methodName></methodCall>', 400],
  ['100,000 levels', '<a>'.repeat(100_000), 400],
  ['more than a megabyte', ' '.repeat(1_100_000), 413],
  ['a call', CALL, 200],
]

test('what is no call is refused, and the next one is answered', async () => {
  const { socket } = await start()
  for (const [what, body, status] of HOSTILE) {
    expect(`${what}: ${(await send(socket, post(body))).split(' ')[1] ?? ''}`).toBe(`${what}: ${status}`)
    expect(await send(socket, post(CALL))).toContain('RUNNING')
  }
  expect(await send(socket, 'GET /RPC2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toContain(' 400 ')
  expect(await send(socket, 'POST /RPC2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toContain(' 411 ')
  expect(
    await send(socket, 'POST /logtail/web HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'),
  ).toContain(' 400 ')
})

test('clients that send nothing, and many at once, keep no other client waiting', async () => {
  const { socket } = await start()
  const idle: Socket[] = []
  onTestFinished(() => idle.forEach((client) => client.destroy()))
  for (let number = 0; number < 200; number += 1) idle.push(await open(socket))
  idle[0]?.write('POST /RPC2 HTTP/1.1\r\nContent-Le')
  expect(await send(socket, post(CALL))).toContain('RUNNING')
  const answers = await Promise.all(Array.from({ length: 40 }, () => send(socket, post(CALL))))
  expect(answers.every((answer) => answer.includes('RUNNING'))).toBe(true)
})
