// Attacks on the TCP server: pages of other sites, guessed passwords, clients that do not read, idle connections. Each test
// uses the shipped program.

import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi } from '../helpers/kahi.ts'
import { ask, open, send, start, statusOf } from '../helpers/raw-http.ts'
import { eventually } from '../helpers/wait.ts'

/** Reads the remaining data of a connection that has ended. */
async function lengthOfRest(client: Socket): Promise<number> {
  let length = 0
  client.on('data', (chunk) => (length += chunk.length))
  client.resume()
  if (!client.closed) await once(client, 'close')
  return length
}

/** How many sockets a process has open. */
function socketsOf(pid: string): number {
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).filter((name) => readlinkOr(join(folder, name)).startsWith('socket:')).length
}

/** Gives the target of a descriptor. The process may close the descriptor meanwhile. */
function readlinkOr(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

const PROGRAM = '{"command":"sleep 1000"}'

test('a page of another site neither reads nor controls, and programs are not added without a password', async () => {
  const { port, socket } = await start()
  const get = (host: string) => send(port, ask('GET /api/v1/processes', [...(host === '' ? [] : [`Host: ${host}`])]))
  expect(statusOf(await get('evil.example:9001'))).toBe('403')
  for (const host of ['', 'localhost:1', '127.0.0.1', '[::1]:9001', 'app:9001']) {
    expect([host, statusOf(await get(host))]).toEqual([host, '200'])
  }
  const rpc = '<methodCall><methodName>supervisor.stopAllProcesses</methodName></methodCall>'
  expect(statusOf(await send(port, ask('POST /RPC2', ['Host: evil.example'], rpc)))).toBe('403')
  expect(statusOf(await send(port, ask('POST /RPC2', ['Host: localhost', 'Origin: http://evil.example'], rpc)))).toBe(
    '403',
  )
  for (const headers of [['Host: evil.example', 'Origin: http://evil.example'], ['Host: localhost'], []]) {
    expect(statusOf(await send(port, ask('PUT /api/v1/programs/evil', headers, PROGRAM)))).toBe('403')
    expect(statusOf(await send(port, ask('DELETE /api/v1/programs/evil', headers)))).toBe('403')
  }
  const { stdout } = await kahi(['ctl', '-s', socket, 'status'])
  expect(stdout).toContain('RUNNING')
  expect(stdout).not.toContain('evil')
  const added = await kahi(['ctl', '-s', socket, 'add', 'all', '--command', 'sleep 1000'])
  expect(added.stdout).toContain('a program cannot be called "all": that means every process')
})

test('with a password: guesses are slowed down and logged, and probes tell nothing about names', async () => {
  const { daemon, port } = await start('username = "me"\npassword = "secret"')
  const as = (password: string) => `Authorization: Basic ${Buffer.from(`me:${password}`).toString('base64')}`
  const put = ask('PUT /api/v1/programs/job', ['Host: proxy.example', as('secret')], PROGRAM)
  expect(statusOf(await send(port, put))).toBe('200')
  const ready = (name: string) => send(port, ask(`GET /readyz?process=${name}`, []))
  const [none] = [await ready('nope')]
  expect(none).toContain('503')
  expect(none.endsWith('{"status":"not_ready"}\n')).toBe(true)
  const guess = (index: number) =>
    send(port, ask('GET /api/v1/version', [as(String(index))]), `127.0.0.${1 + (index % 40)}`)
  const guesses = Array.from({ length: 40 }, (_, index) => guess(index))
  await daemon.line('wrong user or password from this machine')
  await daemon.line('too many wrong passwords from this machine')
  // the correct password does not wait while another client of the same machine guesses passwords
  expect(statusOf(await send(port, ask('GET /api/v1/version', [as('secret')])))).toBe('200')
  const statuses = new Set((await Promise.all(guesses)).map(statusOf))
  expect([...statuses].sort()).toEqual(['401', '429'])
})

test('a request behind one that was refused is not carried out', async () => {
  const { port, socket } = await start('username = "me"\npassword = "secret"')
  const good = `Authorization: Basic ${Buffer.from('me:secret').toString('base64')}`
  const both =
    ask('GET /api/v1/version', ['Host: localhost']) + ask('POST /api/v1/processes/web/stop', ['Host: localhost', good])
  const answer = await send(port, both)
  expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1)
  expect(statusOf(answer)).toBe('401')
  expect((await kahi(['ctl', '-s', socket, 'status', 'web'])).stdout).toContain('RUNNING')
})

test('a body in broken chunks is refused after the answers to the requests before it', async () => {
  const { port } = await start()
  const call = '<methodCall><methodName>supervisor.getState</methodName></methodCall>'
  const head = 'POST /RPC2 HTTP/1.1\r\nHost: localhost\r\n'
  const first = `${head}Content-Length: ${call.length}\r\n\r\n${call}`
  const answer = await send(port, `${first}${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`)
  expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '400'])
})

test('a thousand idle connections lock no client out', async () => {
  const { port } = await start()
  const idle = await Promise.all(Array.from({ length: 1000 }, () => open(port)))
  expect(idle).toHaveLength(1000)
  for (let index = 0; index < 10; index += 1)
    expect(statusOf(await send(port, ask('GET /healthz', ['Connection: close'])))).toBe('200')
})

test('answers of one multicall have a limit, and those who do not read are cut off', async () => {
  const { port, daemon } = await start()
  const version = await send(port, ask('GET /api/v1/version', ['Connection: close']))
  const pid = /"node_pid":(\d+)/.exec(version)?.[1] ?? ''
  await send(port, ask('GET /healthz', ['Connection: close']))
  const idle = socketsOf(pid)
  const one =
    '<value><struct><member><name>methodName</name><value>supervisor.readProcessStdoutLog</value></member><member><name>params</name>' +
    '<value><array><data><value>web</value><value><int>0</int></value><value><int>0</int></value></data></array></value></member></struct></value>'
  const body = `<methodCall><methodName>system.multicall</methodName><params><param><value><array><data>${one.repeat(30)}</data></array></value></param></params></methodCall>`
  const answer = await send(port, ask('POST /RPC2', ['Connection: close'], body))
  expect(statusOf(answer)).toBe('200')
  expect(answer.match(/the answers of this multicall are too long/g)?.length).toBeGreaterThan(10)
  // A connection that is kept, and closed later, would make room for one that is stuck.
  await eventually(() => socketsOf(pid) <= idle, 'the daemon has closed the connections so far')
  const before = idle
  const stuck = await Promise.all(Array.from({ length: 30 }, () => open(port)))
  for (const client of stuck) {
    client.pause()
    client.write(ask('GET /api/v1/processes/web/log/stdout?length=16777216', []))
  }
  await eventually(() => socketsOf(pid) > before, 'the daemon has taken them')
  // The daemon accepts connections in their order: it has accepted all of them when it answers a later one.
  expect(statusOf(await send(port, ask('GET /healthz', ['Connection: close'])))).toBe('200')
  await eventually(() => socketsOf(pid) <= before, 'the daemon lets go of clients that do not read')
  const lengths = await Promise.all(stuck.map(lengthOfRest))
  expect(lengths.filter((length) => length >= 16_777_216)).toEqual([])
  expect(statusOf(await send(port, ask('GET /healthz', ['Connection: close'])))).toBe('200')
  expect(daemon.output()).not.toContain('internal error')
})

const CLOSE = ['Host: localhost', 'Connection: close']

test('a page says what runs, as health checks and browsers ask for it', async () => {
  const { port } = await start()
  const answer = await send(port, ask('GET /', CLOSE))
  expect(statusOf(answer)).toBe('200')
  expect(answer).toContain('<title>kahi</title>')
  expect(statusOf(await send(port, ask('HEAD /index.html', CLOSE)))).toBe('200')
  expect(statusOf(await send(port, ask('GET /nope', CLOSE)))).toBe('404')
  expect(statusOf(await send(port, ask('POST /rpc2', CLOSE, 'x')))).toBe('400')
  expect(statusOf(await send(port, ask('POST /RPC2', CLOSE)))).toBe('411')
})

test('an action of the page is carried out only where it was meant', async () => {
  const { port, socket } = await start()
  const stop = 'GET /index.html?action=stop&processname=web'
  const state = async () => (await kahi(['ctl', '-s', socket, 'status', 'web'])).stdout
  const others: readonly (readonly [string, string, ...string[]])[] = [
    ['200', stop, 'User-Agent: Mozilla/5.0'],
    ['200', stop, 'Accept-Language: en'],
    ['200', stop, 'Referer: http://evil.example/'],
    ['200', stop, 'Sec-Fetch-Site: cross-site'],
    ['200', stop, 'Sec-Fetch-Site: same-origin', 'Sec-Purpose: prefetch'],
    ['403', stop, 'Origin: http://evil.example'],
    ['403', 'POST /index.html?action=stop&processname=web', 'Origin: null'],
    ['200', 'HEAD /index.html?action=stop&processname=web'],
  ]
  for (const [status, line, ...headers] of others) {
    const answer = await send(port, ask(line, [...CLOSE, ...headers]))
    expect(`${headers.join()}: ${statusOf(answer)}`).toBe(`${headers.join()}: ${status}`)
    if (line === stop && status === '200') expect(answer).toContain('<button>Confirm</button>')
  }
  expect(await state()).toContain('RUNNING')
  const meant = [
    ['Referer: http://localhost/'],
    ['User-Agent: Mozilla/5.0', 'Sec-Fetch-Site: none'],
    ['User-Agent: curl/8'],
  ]
  for (const headers of meant) {
    const start = 'GET /index.html?action=start&processname=web'
    expect(statusOf(await send(port, ask(stop, [...CLOSE, ...headers])))).toBe('301')
    expect(await state()).toContain('STOPPED')
    expect(statusOf(await send(port, ask(start, [...CLOSE, 'Origin: http://localhost'])))).toBe('301')
    expect(await state()).toContain('RUNNING')
  }
})

test('one connection carries all calls of a client that writes its requests itself', async () => {
  const { port } = await start()
  const client = await open(port)
  let answer = ''
  client.on('data', (chunk) => (answer += String(chunk)))
  for (const method of ['getState', 'getPID', 'getState']) {
    answer = ''
    client.write(ask('POST /RPC2', [], `<methodCall><methodName>supervisor.${method}</methodName></methodCall>`))
    while (!answer.includes('</methodResponse>')) await once(client, 'data')
    expect(statusOf(answer)).toBe('200')
  }
})
