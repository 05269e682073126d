// Many clients at once that request large answers or keep connections open: other clients get answers, and the memory has a limit.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { kahi } from '../helpers/kahi.ts'
import { ask, open, send, start, statusOf } from '../helpers/raw-http.ts'

async function pidOf(port: number): Promise<string> {
  return /"node_pid":(\d+)/.exec(await send(port, ask('GET /api/v1/version', [])))?.[1] ?? ''
}

/** The highest memory use of a process so far, in MiB. */
function peakOf(pid: string): number {
  return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

const READ =
  '<value><struct><member><name>methodName</name><value>supervisor.readProcessStdoutLog</value></member><member><name>params</name>' +
  '<value><array><data><value>web</value><value><int>0</int></value><value><int>0</int></value></data></array></value></member></struct></value>'

test('many first multicalls that read long logs get their memory one after the other', async () => {
  const { daemon, port } = await start()
  const body = `<methodCall><methodName>system.multicall</methodName><params><param><value><array><data>${READ}${READ}</data></array></value></param></params></methodCall>`
  const request = ask('POST /RPC2', ['Connection: close'], body)
  const answers = await Promise.all(
    Array.from({ length: 60 }, async () => {
      const answer = await send(port, request)
      return { status: statusOf(answer), isWhole: answer.endsWith('</methodResponse>\n'), length: answer.length }
    }),
  )
  // each client got its whole log, or was refused, or was closed because it was too slow: none got a part that claims to be whole
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['200']))
  expect(answers.some(({ isWhole, length }) => isWhole && length > 16_000_000)).toBe(true)
  expect(peakOf(await pidOf(port))).toBeLessThan(700)
  expect(daemon.output()).not.toContain('internal error')
})

/** A stream that has begun, or that the daemon has closed to make room for a newer one. */
async function stream(port: number, backlog: number, type: string): Promise<Socket> {
  const client = await open(port)
  client.write(
    ask(`GET /api/v1/processes/web/log/stdout/stream?backlog=${backlog}`, ['Host: localhost', `Accept: ${type}`]),
  )
  await Promise.race([once(client, 'readable'), once(client, 'close')])
  return client
}

test.each([
  [300, 'wait for output', 'text/plain', 0],
  [300, 'never read', 'text/plain', 1_048_576],
  [60, 'never read their lines', 'text/event-stream', 1_048_576],
])('%d streams that %s do not lock out a stop, and have a limit of memory', async (count, _what, type, backlog) => {
  const { port, socket } = await start()
  for (let opened = 0; opened < count; opened += 20)
    await Promise.all(Array.from({ length: 20 }, () => stream(port, backlog, type)))
  expect(statusOf(await send(port, ask('GET /healthz', ['Connection: close'])))).toBe('200')
  expect(statusOf(await send(port, ask('POST /api/v1/processes/web/stop', ['Host: localhost'])))).toBe('200')
  expect((await kahi(['ctl', '-s', socket, 'status', 'web'])).stdout).toContain('STOPPED')
  expect(peakOf(await pidOf(port))).toBeLessThan(500)
})

test('lines of a log have a limit: very short ones would be a very long answer', async () => {
  const { port } = await start()
  const request = ask('GET /api/v1/logs?bytes=1048576', ['Host: localhost', 'Connection: close'])
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(port, request)))
  expect(new Set(answers.map(statusOf))).toEqual(new Set(['200']))
  for (const answer of answers) expect(answer.match(/"line":"y"/g)).toHaveLength(10_000)
  expect(peakOf(await pidOf(port))).toBeLessThan(500)
})
