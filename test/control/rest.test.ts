// The REST server on a real socket. The services are plain objects.

import { once } from 'node:events'
import { chmodSync, existsSync, linkSync, lstatSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Server } from '../../config/settings/server.ts'
import { scratch } from '../helpers/kahi.ts'
import { ask, open, unixServer } from './asking.ts'
import { control, fakeService } from './fakes.ts'

async function withServices() {
  const socketPath = join(scratch(), 's')
  const services = [fakeService('g', 'a', 'running'), fakeService('g', 'b'), fakeService('web', 'web', 'running')]
  const controlled = control(services)
  await open([unixServer(socketPath)], controlled)
  return { socketPath, services, controlled }
}

test.each([
  ['GET', '/healthz', '', 200, { status: 'ok' }],
  ['GET', '/readyz', '', 503, { status: 'not_ready', pending: ['b'] }],
  ['GET', '/readyz?process=web', '', 200, { status: 'ready' }],
  ['GET', '/readyz?process=zz', '', 404, { code: 'NOT_FOUND' }],
  ['GET', '/api/v1/version', '', 200, { version: '1.2.3', pid: 99, node_pid: 98 }],
  ['GET', '/api/v1/groups', '', 200, ['g', 'web']],
  ['GET', '/api/v1/processes/web', '', 200, { name: 'web', state: 'RUNNING', statecode: 20 }],
  ['GET', '/api/v1/processes/g%3Aa', '', 200, { name: 'a', group: 'g' }],
  ['GET', '/api/v1/processes/zz', '', 404, { code: 'NOT_FOUND', error: 'no such process: zz' }],
  ['POST', '/api/v1/processes/web/start?wait=true', '', 200, { name: 'web', status: 'started' }],
  ['POST', '/api/v1/processes/web/stop', '', 200, { name: 'web', status: 'stopped' }],
  ['POST', '/api/v1/processes/web/restart?wait=false', '', 200, { name: 'web', status: 'restarted' }],
  ['POST', '/api/v1/processes/web/start?wait=maybe', '', 400, { code: 'BAD_REQUEST' }],
  ['POST', '/api/v1/processes/web/signal', '{"signal":"HUP"}', 200, { status: 'signaled' }],
  ['POST', '/api/v1/processes/web/signal', '{"signal":15}', 200, { status: 'signaled' }],
  ['POST', '/api/v1/processes/web/signal', '{"signal":"NOPE"}', 400, { code: 'BAD_SIGNAL' }],
  ['POST', '/api/v1/processes/web/signal', '', 400, { code: 'BAD_REQUEST' }],
  ['POST', '/api/v1/processes/web/signal', 'signal=HUP', 400, { code: 'BAD_REQUEST' }],
  [
    'POST',
    '/api/v1/up',
    '{"targets":[5],"no":1}',
    400,
    { error: 'body.targets[0]: must be a text, not 5\nbody.no: is not known here' },
  ],
  [
    'POST',
    '/api/v1/up',
    '{"only":"yes"}',
    400,
    { error: 'body.targets: is missing\nbody.only: must be true or false, not "yes"' },
  ],
  [
    'POST',
    '/api/v1/up',
    '{"targets":[],"timeout":-1}',
    400,
    { error: 'body.targets: is empty\nbody.timeout: must be from 0 to 1000000' },
  ],
  [
    'POST',
    '/api/v1/processes/web/start?wiat=true&wait=1',
    '',
    400,
    { error: 'query.wait: must be "true" or "false", not "1"\nquery.wiat: is not known here' },
  ],
  ['GET', '/api/v1/openapi.json', '', 200, { openapi: '3.1.0' }],
  ['POST', '/api/v1/processes/all/stop', '', 200, [{ name: 'a' }, { name: 'web' }]],
  ['POST', '/api/v1/groups/g/start', '', 200, { group: 'g', status: 'started', processes: [{ name: 'b' }] }],
  ['POST', '/api/v1/groups/g/stop', '', 200, { group: 'g', status: 'stopped', processes: [{ name: 'a' }] }],
  ['POST', '/api/v1/groups/g/restart', '', 200, { group: 'g', processes: [{ name: 'a' }, { name: 'b' }] }],
  ['POST', '/api/v1/groups/g/signal', '{"signal":"HUP"}', 200, { group: 'g', processes: [{ name: 'a' }] }],
  ['POST', '/api/v1/groups/zz/start', '', 404, { code: 'NOT_FOUND', error: 'no such group: zz' }],
  ['POST', '/api/v1/shutdown', '', 200, { status: 'shutting_down' }],
  ['GET', '/api/nope', '', 404, { code: 'NOT_FOUND' }],
  ['GET', '/api/v1/processes/%zz', '', 400, { code: 'BAD_REQUEST' }],
  ['GET', '/api/v1/shutdown', '', 405, { code: 'METHOD_NOT_ALLOWED', hint: 'use POST' }],
  ['DELETE', '/healthz', '', 405, { code: 'METHOD_NOT_ALLOWED' }],
  ['GET', '/api/v1/processes/web/log/stdin', '', 400, { code: 'BAD_REQUEST' }],
  ['GET', '/api/v1/processes/web/log/stdout?length=x', '', 400, { code: 'BAD_REQUEST' }],
  ['GET', '/api/v1/processes?foo=1', '', 400, { error: 'query.foo: is not known here' }],
  ['GET', '/readyz?proces=web', '', 400, { error: 'query.proces: is not known here' }],
  ['POST', '/api/v1/processes/web/restart', '{"wait":false}', 400, { error: 'body.wait: is not known here' }],
  ['POST', '/api/v1/processes/web/signal', '{"signal":1.5}', 400, { code: 'BAD_REQUEST' }],
  ['POST', '/api/v1/groups/g/signal', '{"signal":"NOPE"}', 400, { code: 'BAD_SIGNAL' }],
  ['GET', '/api/v1/events?types=nonsense', '', 400, { code: 'BAD_REQUEST' }],
  ['GET', '/api/v1/processes/web/log/stdout?length=99999999999', '', 400, { code: 'BAD_REQUEST' }],
  ['POST', '/api/v1/processes/web/signal', 'x'.repeat(70_000), 413, { code: 'TOO_LARGE' }],
])('%s %s %.20s answers %i', async (method, path, body, status, expected) => {
  const { socketPath } = await withServices()
  const answer = await ask({ socketPath }, path, { method, body })
  expect(JSON.parse(answer.body)).toMatchObject(expected)
  expect(answer.status).toBe(status)
  expect(answer.headers['content-type']).toBe('application/json')
})

test('a log is plain text', async () => {
  const { socketPath, services } = await withServices()
  services[2]!.text = 'one\ntwo\n'
  const answer = await ask({ socketPath }, '/api/v1/processes/web/log/stdout?length=4')
  expect(answer).toMatchObject({ status: 200, body: 'two\n' })
  services[2]!.text = undefined
  const none = await ask({ socketPath }, '/api/v1/processes/web/log/stdout')
  expect(none.status).toBe(404)
  expect(JSON.parse(none.body).code).toBe('NO_LOG')
})

test.each([
  ['text/event-stream', '', 'retry: 2000\n\ndata: old\n\ndata: whole line\n\ndata: é\n\n'],
  ['text/plain', 'text/plain', 'old\nwhole line\né\nrest'],
])('a stream of %s gives what there is and what comes, and ends with the server', async (type, accept, expected) => {
  const socketPath = join(scratch(), 's')
  const service = fakeService('web', 'web', 'running')
  service.text = 'older\nold\n'
  const { close } = await open([unixServer(socketPath)], control([service]))
  const path = '/api/v1/processes/web/log/stdout/stream?backlog=4'
  const outgoing = request({ socketPath, path, headers: { accept }, agent: false })
  outgoing.end()
  const [response] = await once(outgoing, 'response')
  expect(response.headers['content-type']).toContain(type)
  for (const text of ['whole ', 'line\n', 'é\nrest']) service.emit(text)
  const closing = close()
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) body += chunk
  await closing
  expect(body).toBe(expected)
})

test('a reader that leaves is forgotten', async () => {
  const { socketPath, services } = await withServices()
  const outgoing = request({ socketPath, path: '/api/v1/processes/web/log/stdout/stream', agent: false })
  outgoing.end()
  const [response] = await once(outgoing, 'response')
  const follow = services[2]!.log('stdout')!
  expect(follow).toBeDefined()
  response.destroy()
  await once(response, 'close')
  services[2]!.emit('unread\n')
  expect((await ask({ socketPath }, '/healthz')).status).toBe(200)
})

test('an exception in a handler is our bug, and the server keeps running', async () => {
  const { socketPath, services, controlled } = await withServices()
  services[2]!.info = () => {
    throw new Error('broken')
  }
  const answer = await ask({ socketPath }, '/api/v1/processes/web')
  expect(answer.status).toBe(500)
  expect(JSON.parse(answer.body)).toEqual({ error: 'internal error', code: 'SERVER_ERROR' })
  expect(controlled.bugs).toHaveLength(1)
  expect((await ask({ socketPath }, '/healthz')).status).toBe(200)
})

test.each([
  ['garbage', 'garbage\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
  ['a head that is too long', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 'HTTP/1.1 431 Request Header'],
])('%s is answered as JSON and the connection ends', async (_sentence, text, start) => {
  const { socketPath } = await withServices()
  const client = connect(socketPath)
  client.write(text)
  let answer = ''
  client.on('data', (chunk) => {
    answer += String(chunk)
  })
  client.on('error', () => {})
  await once(client, 'close')
  expect(answer.startsWith(start)).toBe(true)
  expect(answer).toContain('"code":"BAD_REQUEST"')
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

test('on a port: credentials, open probes, and no requests from other sites', async () => {
  const port = await freePort()
  const credentials = { username: 'me', password: 'secret' }
  await open([{ kind: 'http', host: '127.0.0.1', port, credentials }])
  const authorization = `Basic ${Buffer.from('me:secret').toString('base64')}`
  expect((await ask({ port }, '/healthz')).status).toBe(200)
  const refused = await ask({ port }, '/api/v1/version')
  expect(refused.status).toBe(401)
  expect(refused.headers['www-authenticate']).toBe('Basic realm="default"')
  expect((await ask({ port }, '/nope')).status).toBe(401)
  expect((await ask({ port }, '/api/v1/version', { headers: { authorization } })).status).toBe(200)
  const post = (origin: string) =>
    ask({ port }, '/api/v1/shutdown', { method: 'POST', headers: { authorization, origin } })
  expect((await post('https://evil.example')).status).toBe(403)
  expect((await post('null')).status).toBe(403)
  expect((await post(`http://127.0.0.1:${port}`)).status).toBe(200)
})

test('a port that is taken is refused, and what was opened before is closed again', async () => {
  const port = await freePort()
  const file = join(scratch(), 's')
  const server: Server = { kind: 'http', host: '127.0.0.1', port, credentials: undefined }
  await open([server])
  await expect(open([unixServer(file), server])).rejects.toMatchObject({
    message: `Another program is already listening on 127.0.0.1:${port}`,
    exitCode: 2,
  })
  expect(existsSync(file)).toBe(false)
})

test('a socket file gets its mode, and is removed at the end', async () => {
  const file = join(scratch(), 's')
  const { close } = await open([unixServer(file, { chmod: 0o640 })])
  expect(statSync(file).mode & 0o777).toBe(0o640)
  expect(existsSync(`${file}.${process.pid}`)).toBe(false)
  await close()
  expect(existsSync(file)).toBe(false)
})

test('a socket that answers is left alone', async () => {
  const file = join(scratch(), 's')
  await open([unixServer(file)])
  const before = lstatSync(file).ino
  await expect(open([unixServer(file)])).rejects.toMatchObject({
    message: `Another program is already listening on ${file}`,
    exitCode: 2,
  })
  expect(lstatSync(file).ino).toBe(before)
  expect((await ask({ socketPath: file }, '/healthz')).status).toBe(200)
})

test('a socket on which no process answers is replaced', async () => {
  const directory = scratch()
  const file = join(directory, 's')
  const dead = createServer().listen(join(directory, 'dead'))
  await once(dead, 'listening')
  linkSync(join(directory, 'dead'), file)
  dead.close()
  await once(dead, 'close')
  const { log } = await open([unixServer(file)])
  expect(log).toEqual([`Unlinking stale socket ${file}`])
  expect((await ask({ socketPath: file }, '/healthz')).status).toBe(200)
})

test.each([
  ['a file', (file: string) => writeFileSync(file, 'precious')],
  ['a link', (file: string) => symlinkSync('/nowhere', file)],
])('%s at the path of the socket is never removed', async (_sentence, make) => {
  const file = join(scratch(), 's')
  make(file)
  const before = lstatSync(file).ino
  await expect(open([unixServer(file)])).rejects.toMatchObject({ exitCode: 2 })
  expect(lstatSync(file).ino).toBe(before)
})

test('a missing directory and a path that is too long are said', async () => {
  const directory = scratch()
  const file = join(directory, 'none', 's')
  await expect(open([unixServer(file)])).rejects.toMatchObject({
    message: `Cannot open the socket ${file}: there is no directory ${join(directory, 'none')}`,
    exitCode: 111,
  })
  await expect(open([unixServer(`/tmp/${'x'.repeat(120)}`)])).rejects.toMatchObject({ exitCode: 2 })
})

test('a socket that another process put in its place is not removed', async () => {
  const file = join(scratch(), 's')
  const { close } = await open([unixServer(file)])
  rmSync(file)
  writeFileSync(file, 'mine')
  chmodSync(file, 0o600)
  await close()
  expect(existsSync(file)).toBe(true)
})
