// Hostile clients with large requests, on the unix socket and on TCP. The daemon refuses their requests and answers other clients
// meanwhile. Afterwards it holds no more memory and no more descriptors than before.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { hasHelper, kahi, scratch, startDaemon, startReady } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'

const GIGABYTE = 1024 ** 3
/** The allowed growth of private memory. The body of one client would be larger. */
const GROWTH_KB = 48 * 1024
const CALL = '<methodCall><methodName>supervisor.getState</methodName></methodCall>'

interface Target {
  readonly pid: number
  readonly listeners: readonly NetConnectOpts[]
}

async function start(): Promise<Target> {
  const folder = scratch()
  const conf = join(folder, 's.conf')
  const port = await freePort()
  writeFileSync(
    conf,
    `[supervisord]\nlogfile=%(here)s/main.log\n[unix_http_server]\nfile=%(here)s/s.sock\n` +
      `[inet_http_server]\nport=127.0.0.1:${port}\n[program:web]\ncommand=sleep 1000\n`,
  )
  const daemon = startDaemon(['supervisord', '-n', '-c', conf], { cwd: folder })
  await daemon.line('success: web entered RUNNING')
  const pid = Number((await kahi(['ctl', '-s', join(folder, 's.sock'), 'pid'])).stdout)
  return { pid, listeners: [{ path: join(folder, 's.sock') }, { host: '127.0.0.1', port }] }
}

/** A port that was free just before. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0))
    })
  })
}

/** Sends a text; gives the first line of the answer, empty when there is none. */
function send(listener: NetConnectOpts, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const client = connect(listener, () => client.write(text))
    client.on('data', (chunk) => (answer += chunk.toString()))
    client.on('error', () => {})
    client.on('close', () => resolve(answer.split('\r\n')[0] ?? ''))
  })
}

function post(body: string): string {
  return `POST /RPC2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

/** Sends a body until the daemon ends the connection. Gives the number of bytes that the daemon took, and its answer. */
function pour(listener: NetConnectOpts, head: string, piece: Buffer): Promise<{ sent: number; answer: string }> {
  return new Promise((resolve) => {
    let answer = ''
    const client = connect(listener, () => {
      client.write(head)
      fill()
    })
    const fill = () => {
      while (!client.destroyed && client.bytesWritten < GIGABYTE) if (!client.write(piece)) return
      client.end()
    }
    client.on('drain', fill)
    client.on('data', (chunk) => (answer += chunk.toString()))
    client.on('error', () => {})
    client.on('close', () => resolve({ sent: client.bytesWritten, answer: answer.split('\r\n')[0] ?? '' }))
  })
}

/** Private memory of the daemon, in KB. */
function privateMemory(pid: number): number {
  const rows = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').matchAll(/^Private_\w+: +(\d+) kB$/gm)
  return [...rows].reduce((sum, [, size]) => sum + Number(size), 0)
}

function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

const MALFORMED = [
  '\0\0\0\0\r\n\r\n',
  'GET\r\n\r\n',
  'POST /RPC2 HTTP/9.9\r\n\r\n',
  'POST /RPC2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: -1\r\n\r\n',
  'POST /RPC2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
  'POST /RPC2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n\r\n`,
  post('<methodCall><methodName>'),
  post('<a>'.repeat(1000)),
  post('<methodCall><methodName>supervisor.startProcess</methodName><params><param/></params></methodCall>'),
]

/** Calls a function for both listeners. Other clients must get answers there meanwhile. */
async function attack(how: (listener: NetConnectOpts) => Promise<void>): Promise<void> {
  const { pid, listeners } = await start()
  const serve = async () => {
    for (const listener of listeners) expect(await send(listener, post(CALL))).toBe('HTTP/1.1 200 OK')
  }
  await serve()
  // The first refusal loads code, which stays in memory.
  for (const text of MALFORMED) await send(listeners[0]!, text)
  const before = { memory: privateMemory(pid), descriptors: descriptors(pid) }
  const attacks = listeners.map(how)
  await serve()
  await Promise.all(attacks)
  await serve()
  await eventually(() => descriptors(pid) <= before.descriptors, 'all connections are closed')
  expect(privateMemory(pid) - before.memory).toBeLessThan(GROWTH_KB)
}

test('10,000 malformed requests', async () => {
  await attack(async (listener) => {
    for (let sent = 0; sent < 5_000; sent += 50) {
      const some = Array.from({ length: 50 }, (_, number) =>
        send(listener, MALFORMED[(sent + number) % MALFORMED.length]!),
      )
      const answers = await Promise.all(some)
      expect(answers.filter((answer) => /^HTTP\/1.1 (?!400|431|200)/.test(answer))).toEqual([])
    }
  })
})

const CHUNK = Buffer.alloc(64 * 1024, 'x')

test('bodies of a gigabyte, announced or in chunks, are cut off early', async () => {
  const head = 'POST /RPC2 HTTP/1.1\r\nHost: x\r\n'
  await attack(async (listener) => {
    for (const [headers, piece] of [
      [`Content-Length: ${GIGABYTE}\r\n\r\n`, CHUNK],
      ['Transfer-Encoding: chunked\r\n\r\n', Buffer.concat([Buffer.from('10000\r\n'), CHUNK, Buffer.from('\r\n')])],
    ] as const) {
      const { sent, answer } = await pour(listener, head + headers, piece)
      expect(answer === '' || answer.includes(' 413 ')).toBe(true)
      expect(sent).toBeLessThan(GIGABYTE / 16)
    }
  })
})

test('XML of a megabyte, deep, wide, and with entities', async () => {
  const entities = `<!DOCTYPE a [<!ENTITY b "${'c'.repeat(1000)}"><!ENTITY d "${'&b;'.repeat(1000)}">]>`
  const values = (one: string, times: number) => `<params>${`<param>${one}</param>`.repeat(times)}</params>`
  const bodies = [
    '<a>'.repeat(340_000),
    `<methodCall>${entities}<methodName>&d;</methodName></methodCall>`,
    `<methodCall><methodName>supervisor.getState</methodName>${values(`${'<value><array><data>'.repeat(40_000)}`, 1)}</methodCall>`,
    `<methodCall><methodName>supervisor.getState</methodName>${values('<value><int>1</int></value>', 20_000)}</methodCall>`,
  ]
  await attack(async (listener) => {
    for (let round = 0; round < 3; round += 1)
      for (const body of bodies) expect(await send(listener, post(body))).toMatch(/^HTTP\/1.1 (400|200) /)
  })
})

test('500 connections at once with heads that do not end, of a first or a later request', async () => {
  const idle: Socket[] = []
  onTestFinished(() => idle.forEach((client) => client.destroy()))
  const { pid, listeners } = await start()
  await send(listeners[0]!, post(CALL))
  const before = { memory: privateMemory(pid), descriptors: descriptors(pid) }
  const keepOpen = (listener: NetConnectOpts, first: string) =>
    new Promise<void>((resolve) => {
      const client = connect(listener, () => {
        client.write(`${first}POST /RPC2 HTTP/1.1\r\nX-Slow: `)
        resolve()
      })
      client.on('error', () => resolve())
      idle.push(client)
    })
  for (let number = 0; number < 500; number += 1)
    await keepOpen(listeners[number % 2]!, number % 3 === 0 ? post(CALL).replace('Connection: close\r\n', '') : '')
  // Connections beyond the limit of a listener are closed at once; the other connections are closed after ten seconds.
  const left = () => idle.filter((client) => !client.destroyed)
  expect(descriptors(pid) - before.descriptors).toBeLessThanOrEqual(512)
  const trickle = () => left().forEach((client) => client.write('x'))
  const timer = setInterval(trickle, 500)
  onTestFinished(() => clearInterval(timer))
  for (const listener of listeners) expect(await send(listener, post(CALL))).toBe('HTTP/1.1 200 OK')
  expect(privateMemory(pid) - before.memory).toBeLessThan(GROWTH_KB)
  await Promise.all(left().map((client) => new Promise((resolve) => client.on('close', resolve).resume())))
  await eventually(() => descriptors(pid) <= before.descriptors, 'all connections are closed')
})

test.skipIf(!hasHelper)('200 KB of bytes in control FIFOs of s6 (skipped without the native helper)', async () => {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  const program = '[programs.web]\ncommand = "sleep 1000"\n'
  writeFileSync(
    file,
    `[supervisor]\nscan_directory = "${folder}/scan"\n[server.unix]\nfile = "${folder}/s.sock"\n${program}`,
  )
  const daemon = await startReady(file, { cwd: folder })
  await daemon.line('success: web entered RUNNING')
  const letters = 'cC?!'.repeat(50_000)
  writeFileSync(join(folder, 'scan/web/supervise/control'), letters)
  writeFileSync(join(folder, 'scan/.s6-svscan/control'), '?'.repeat(200_000))
  await daemon.line(/unknown command .*, and \d+ more/)
  expect(await send({ path: join(folder, 's.sock') }, post(CALL))).toBe('HTTP/1.1 200 OK')
  expect(daemon.output().split('unknown command').length).toBeLessThan(50)
  writeFileSync(join(folder, 'scan/web/supervise/control'), 'd')
  await eventually(
    async () => (await kahi(['ctl', '-c', file, 'status', 'web'])).stdout.includes('STOPPED'),
    'it obeys',
  )
})
