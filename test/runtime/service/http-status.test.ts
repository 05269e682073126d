// The status of an HTTP answer. The servers send it in pieces, send invalid answers, or send none.

import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { askStatus, statusRequest } from '../../../runtime/service/process/http-status.ts'
import type { HttpRules } from '../../../config/model/checks.ts'

async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

function ask(url: string, rules: HttpRules = {}, signal = new AbortController().signal) {
  const request = statusRequest(url, rules)
  if (request === undefined) throw new Error('the request needs node:http')
  return askStatus(request, signal)
}

/** A server that writes these pieces, each after the one before has been sent, and ends the connection. */
async function answering(...pieces: readonly string[]): Promise<string> {
  const port = await listen(
    createServer((socket) => {
      socket.on('error', () => {})
      socket.setNoDelay()
      const rest = [...pieces]
      const next = (): void => {
        const piece = rest.shift()
        if (piece === undefined) socket.end()
        else socket.write(piece, () => setImmediate(next))
      }
      socket.once('data', next)
    }),
  )
  return `http://127.0.0.1:${port}/`
}

test.each([
  ['a usual answer', ['HTTP/1.1 204 No Content\r\n\r\n'], 204],
  ['HTTP/1.0', ['HTTP/1.0 200 OK\r\n\r\nbody'], 200],
  ['a status without a reason', ['HTTP/1.1 503\r\n\r\n'], 503],
  ['lines without carriage return', ['HTTP/1.1 200 OK\n\n'], 200],
  ['one byte at a time', [...'HTTP/1.1 404 Not Found\r\n'], 404],
  ['information first', ['HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 500 Oh\r\n\r\n'], 500],
  ['information in pieces', ['HTTP/1.1 100 Continue\r\n', '\r', '\nHTTP/1.1', ' 200 OK\r\n\r\n'], 200],
  ['nothing', [], 'ECONNRESET'],
  ['half a line', ['HTTP/1.1 20'], 'the answer is not HTTP'],
  ['another protocol', ['220 mail.test ESMTP\r\n'], 'the answer is not HTTP'],
  ['a status of four digits', ['HTTP/1.1 2000 OK\r\n\r\n'], 'the answer is not HTTP'],
  ['a line without end', ['HTTP/1.1 200 ' + 'x'.repeat(40_000)], 'the answer is not HTTP'],
  ['information without end', ['HTTP/1.1 100 Continue\r\n\r\n'.repeat(2000)], 'the answer is not HTTP'],
])('%s', async (_what, pieces, expected) => {
  expect(await ask(await answering(...pieces))).toBe(expected)
})

test('no server, and none that answers', async () => {
  const port = await listen(createServer(() => {}))
  const limit = new AbortController()
  const asked = ask(`http://127.0.0.1:${port}/`, {}, limit.signal)
  limit.abort()
  expect(await asked).toBe('no answer')
  const closed = createServer()
  const gone = await listen(closed)
  await new Promise((resolve) => closed.close(resolve))
  expect(await ask(`http://127.0.0.1:${gone}/`)).toBe('ECONNREFUSED')
})

test('method, path, query and headers are those of the check', async () => {
  const asked: { readonly line: string; readonly headers: IncomingHttpHeaders }[] = []
  const server = createHttpServer(({ method, url, headers }, answer) => {
    asked.push({ line: `${method} ${url}`, headers })
    answer.writeHead(418).end('tea')
  })
  const port = await listen(server)
  expect(await ask(`http://127.0.0.1:${port}/a%20b/ü?x=1&y#part`)).toBe(418)
  const headers = { HOST: 'inner.test', 'X-Probe': 'kahi ü', Connection: 'keep-alive' }
  expect(await ask(`http://127.0.0.1:${port}`, { method: 'POST', headers })).toBe(418)
  expect(await ask(`http://localhost:${port}/`, { method: 'HEAD' })).toBe(418)
  expect(asked.map(({ line }) => line)).toEqual(['GET /a%20b/%C3%BC?x=1&y', 'POST /', 'HEAD /'])
  expect(asked[0]?.headers).toEqual({ host: `127.0.0.1:${port}`, connection: 'close' })
  expect(asked[1]?.headers).toEqual({
    ...{ host: 'inner.test', 'x-probe': 'kahi ü', 'content-length': '0', connection: 'close' },
  })
})

test.each([
  ['https://h/', {}],
  ['http://user:word@h/', {}],
  ['http://h/', { body: 'fine' }],
  ['http://h/', { headers: { 'Content-Length': '3' } }],
  ['http://h/', { headers: { Upgrade: 'x' } }],
])('%s with %o is asked through node:http', (url, rules) => {
  expect(statusRequest(url, rules)).toBeUndefined()
})
