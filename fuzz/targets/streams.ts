// Streams of a running daemon: events, lines and logs, as server-sent events and as text, with random queries and headers.
// Each client reads a moment, or not at all, and leaves.

import { connect } from 'node:net'
import fc from 'fast-check'
import { Daemon } from '../daemon.ts'
import { target } from '../target.ts'

/** How long a client stays; a stream has no end of its own. */
const STAY_MS = 30
const PATHS = [
  'events/stream',
  'logs/stream',
  'processes/a/log/stdout/stream',
  'processes/writer/log/stdout/stream',
  'processes/b/log/stderr/stream',
]
const NAMES = ['since', 'types', 'process', 'processes', 'bytes', 'backlog', '__proto__', '']
const VALUES = ['0', '-1', '1e9', '9'.repeat(20), 'a', 'a,b', ',,,', '%00', '%', 'process-state', 'unit-changed,output']
const HEADERS = [
  'Accept: text/event-stream',
  'Accept: text/plain',
  'Accept: */*;q=',
  'Last-Event-ID: 0',
  'Last-Event-ID: -1',
  `Last-Event-ID: ${'9'.repeat(400)}`,
  'Last-Event-ID: 1:2:3',
  'Last-Event-ID: NaN',
  'Accept-Encoding: gzip',
  'Range: bytes=0-1',
  'Connection: keep-alive',
]

/** A client of a stream. */
interface Client {
  readonly method: string
  readonly path: string
  readonly query: readonly (readonly [string, string])[]
  readonly headers: readonly string[]
  /** Whether it closes its side behind the request, as `nc` does. */
  readonly isClosed: boolean
  /** What it sends behind the request. */
  readonly more: string
}

/** Streams of events and logs. */
export const streams = target<readonly Client[]>({
  name: 'streams',
  about: 'streams of events and logs, for clients that leave in the middle',
  inputs: () => fc.array(client, { minLength: 1, maxLength: 6 }),
  async open(surroundings) {
    const daemon = new Daemon(surroundings)
    await daemon.ready()
    return {
      async check(clients) {
        const answers = await Promise.all(clients.map((one) => stay(daemon.socket, one)))
        await daemon.examine(answers.find((answer) => answer.startsWith('HTTP/1.1 5')) ?? '')
        return answers.some((answer) => answer.startsWith('HTTP/1.1 200')) ? 'accepted' : 'refused'
      },
      close: () => daemon.stop(),
    }
  },
})

const text = fc.oneof(
  fc.constantFrom(...VALUES),
  fc.string({ maxLength: 12 }).map((value) => encodeURIComponent(value)),
)
const client: fc.Arbitrary<Client> = fc.record({
  method: fc.oneof({ weight: 9, arbitrary: fc.constant('GET') }, { weight: 1, arbitrary: fc.constant('HEAD') }),
  path: fc.constantFrom(...PATHS),
  query: fc.array(fc.tuple(fc.constantFrom(...NAMES), text), { maxLength: 3 }),
  headers: fc.subarray(HEADERS, { maxLength: 4 }),
  isClosed: fc.boolean(),
  more: fc.constantFrom('', '', 'x', 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'),
})

/** Gives what was received until the client left. */
function stay(socketPath: string, one: Client): Promise<string> {
  const query = one.query.map(([name, value]) => `${name}=${value}`).join('&')
  const lines = [`${one.method} /api/v1/${one.path}?${query} HTTP/1.1`, 'Host: localhost', ...one.headers, '', '']
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(socketPath)
    const timer = setTimeout(() => socket.destroy(), STAY_MS)
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(Buffer.concat(chunks).toString('latin1'))
    })
    const request = Buffer.from(lines.join('\r\n') + one.more)
    if (one.isClosed) socket.end(request)
    else socket.write(request)
  })
}
