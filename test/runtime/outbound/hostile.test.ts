// Servers with senseless answers: each attempt ends, and the daemon can stop.

import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { SyslogConnection } from '../../../runtime/log-targets/syslog-sender.ts'
import { Pump } from '../../../runtime/outbound/pump.ts'
import { Requester } from '../../../runtime/outbound/request.ts'
import { Trouble } from '../../../runtime/outbound/trouble.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { eventually } from '../../helpers/wait.ts'

async function serverThat(answers: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => answers(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** Sends the text again and again. */
function flood(socket: Socket, text: string): void {
  while (!socket.destroyed && socket.write(text));
  socket.once('drain', () => flood(socket, text))
}

const head = 'HTTP/1.1 200 OK\r\n'

test.each<readonly [string, (socket: Socket) => void, object]>([
  [
    'another protocol',
    (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
    { kind: 'failed' },
  ],
  ['no HTTP', (socket) => socket.write('220 mail.example ESMTP\r\n'), { kind: 'failed' }],
  ['headers without end', (socket) => flood(socket, `${head}X: ${'y'.repeat(60_000)}\r\n`), { kind: 'failed' }],
  ['a body without end', (socket) => flood(socket, `${head}\r\n${'x'.repeat(60_000)}`), { kind: 'sent' }],
  ['a body that breaks off', (socket) => socket.end(`${head}Content-Length: 9\r\n\r\nx`), { kind: 'failed' }],
  ['nothing', (socket) => socket.end(), { kind: 'failed' }],
])('%s', async (_, answers, outcome) => {
  const requester = new Requester(
    { headers: {}, authorization_file: undefined, ca: undefined, timeout: 0 },
    new FakeClock(),
  )
  const message = { url: await serverThat(answers), headers: {}, body: '{}' }
  expect(await requester.post(message, new AbortController().signal)).toMatchObject(outcome)
  requester.close()
})

test('a server of syslog that sends data without end is left', async () => {
  const left: Promise<unknown>[] = []
  const url = await serverThat((socket) => {
    left.push(new Promise((resolve) => socket.once('close', resolve)))
    flood(socket, 'x'.repeat(60_000))
  })
  const settings = { url: url.replace('http', 'tcp').slice(0, -1), ca: undefined, timeout: 0 }
  const datagrams = () => Promise.reject(new Error('there are none'))
  const connection = new SyslogConnection(settings, { clock: new FakeClock(), datagrams })
  expect(await connection.send(['a'], new AbortController().signal)).toEqual({ kind: 'sent' })
  await eventually(() => left.length === 1, 'the server has begun to send')
  await Promise.all(left)
  await connection.close()
})

test('the end does not wait longer than its limit for an attempt that never ends', async () => {
  const clock = new FakeClock()
  const trouble = new Trouble({ clock, log: { log() {} }, emit() {}, to: 'webhook', target: 'a', noun: 'events' })
  const pump = new Pump({
    clock,
    trouble,
    attempts: 1,
    next: () => 'item',
    send: () => new Promise<never>(() => {}),
    settled() {},
    reportBug(error) {
      throw error
    },
  })
  pump.wake()
  const closed = pump.close(3000)
  await clock.advance(3000)
  await closed
})
