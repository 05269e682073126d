// Requests to a running daemon: nearly valid HTTP, REST with wrong queries and bodies, XML-RPC with wrong values.

import fc, { type Arbitrary } from 'fast-check'
import { Daemon } from '../daemon.ts'
import { mutated } from '../mutate.ts'
import { type Target, target } from '../target.ts'

/** Requests whose purpose is to end or restart the daemon. They are not sent. */
const LEFT_OUT = /shutdown|upgrade|restart\b(?!Process)/i
const HEAD = 'Host: localhost\r\nAuthorization: Basic dTpw\r\n'
const PATHS = [
  'processes',
  'processes/a',
  'processes/a/start',
  'processes/a/log/stdout?length=9&offset=-3',
  'groups/b/stop',
]
const MORE_PATHS = [
  'programs/n',
  'config/reload',
  'graph',
  'boot',
  'services',
  'events?since=1',
  'version',
  'openapi.json',
  'config',
  'usage',
  'webhooks',
  'webhooks/a/test',
  'log-targets',
  'health',
  'peers',
  'groups',
  'processes/a/environment',
  'processes/a/usage',
  'processes/a/log/stdout',
  'processes/a/log/stderr?lines=2',
  'processes/a/log/stdout?offset=3&length=0',
  'processes/a/log/stdout?offset=99999999999&lines=-1',
]
/** Headers that servers read, with nearly valid values. */
const HEADERS = [
  'Origin: null',
  'Origin: http://[::1',
  'Host: evil.example',
  'Host: [',
  'Authorization: Bearer kahi_',
  'Authorization: Basic ====',
  'Range: bytes=-1',
  'Range: bytes=2-',
  'Range: bytes=9-1',
  'Range: bytes=0-0,2-3',
  'Range: bytes=-0',
  'Range: bytes=0-999999999999999',
  'If-None-Match: W/"a", *',
  'Last-Event-ID: -9e99',
  'Accept: text/event-stream;q=x',
  'Accept-Encoding: gzip;q=0, *;q=9',
  'Cookie: __proto__=1; =;;',
  'Content-Type: application/x-www-form-urlencoded',
]
const BODIES = [
  '',
  '{}',
  '{"command":"/bin/true"}',
  '{"wait":false}',
  '{"signal":"HUP"}',
  '[1,2',
  '{"a":{"b":[null,1e99]}}',
]
const HTTP_WORDS = [
  'GET ',
  'POST ',
  'PUT ',
  'DELETE ',
  ' HTTP/1.0',
  ' HTTP/1.1\r\n',
  'Content-Length: 3\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Expect: 100-continue\r\n',
  'Connection: keep-alive\r\n',
  '\r\n\r\n',
  '5\r\nabcde\r\n0\r\n\r\n',
  '/RPC2',
  '/api/v1/processes',
  '/healthz',
  '/metrics',
  '/ui/',
  '?follow=1&length=-0&offset=1e9&types=%00',
  ...HEADERS.map((header) => `${header}\r\n`),
  '/../',
  '%00',
  '%2e%2e',
]
const [NAME, FALSE, ZERO, TEN] = ['<string>a</string>', '<boolean>0</boolean>', '<int>0</int>', '<int>10</int>']
const METHODS = [
  'getState',
  'getProcessInfo',
  'getAllProcessInfo',
  'startProcess',
  'stopProcess',
  'readProcessStdoutLog',
]
const MORE_METHODS = [
  'tailProcessStdoutLog',
  'sendProcessStdin',
  'signalProcess',
  'addProcessGroup',
  'getAllConfigInfo',
  'x',
]

/** Mutated HTTP and REST requests. */
export const http = requestTarget(
  'http',
  'requests to the REST interface, and HTTP that is nearly right',
  (() => {
    const verb = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH')
    const path = fc.constantFrom(...PATHS, ...MORE_PATHS)
    const plain = fc
      .tuple(verb, path, fc.constantFrom(...BODIES), fc.subarray(HEADERS, { maxLength: 4 }))
      .map(([method, where, body, headers]) => rest(method, where, body, headers))
    const bases = [
      rest('GET', 'processes', ''),
      rest('POST', 'processes/a/start', '{"wait":false}'),
      call('getState', ''),
    ]
    return fc.oneof(plain, mutated(bases, HTTP_WORDS))
  })(),
)

/** XML-RPC calls with random methods and values. */
export const xmlrpc = requestTarget(
  'xmlrpc',
  'XML-RPC calls with random methods and values',
  (() => {
    const { value } = fc.letrec<{ value: string }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom(
          '<string>a</string>',
          '<int>-1</int>',
          '<boolean>1</boolean>',
          '<nil/>',
          'b',
          '<double>1e9</double>',
        ),
        fc.integer().map((number) => `<int>${number}</int>`),
        fc.string({ maxLength: 30 }).map((text) => `<string>${text.replace(/[<&]/g, '')}</string>`),
        fc
          .array(tie('value'), { maxLength: 4 })
          .map((items) => `<array><data>${items.map(asValue).join('')}</data></array>`),
        fc.array(tie('value'), { maxLength: 3 }).map((items) => `<struct>${items.map(asMember).join('')}</struct>`),
      ),
    }))
    const method = fc.oneof(
      fc.constantFrom(...METHODS, ...MORE_METHODS).map((name) => `supervisor.${name}`),
      fc.constantFrom('system.multicall', 'system.methodHelp', 'system.listMethods'),
    )
    const usual = fc.constantFrom(
      [],
      [NAME],
      [NAME, FALSE],
      [NAME, ZERO, ZERO],
      [NAME, ZERO, TEN],
      [NAME, '<string>HUP</string>'],
    )
    const plain = fc
      .tuple(method, fc.oneof(usual, fc.array(value, { maxLength: 4 })))
      .map(([name, values]) => call(name, values.map((item) => `<param>${asValue(item)}</param>`).join('')))
    return fc.oneof(
      { weight: 4, arbitrary: plain },
      { weight: 1, arbitrary: plain.map((text) => text.replace('</', '<')) },
    )
  })(),
)

function asValue(item: string): string {
  return `<value>${item}</value>`
}

function asMember(item: string, index: number): string {
  return `<member><name>${['methodName', 'params', 'x'][index] ?? 'y'}</name>${asValue(item)}</member>`
}

function rest(method: string, path: string, body: string, headers: readonly string[] = []): string {
  const length = body === '' ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`
  const more = headers.map((header) => `${header}\r\n`).join('')
  return `${method} /api/v1/${path} HTTP/1.1\r\n${HEAD}Connection: close\r\n${more}${length}\r\n${body}`
}

function call(method: string, params: string): string {
  const body = `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${params}</params></methodCall>`
  return `POST /RPC2 HTTP/1.1\r\n${HEAD}Connection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

function requestTarget(name: string, about: string, inputs: Arbitrary<string>): Target<unknown> {
  return target<string>({
    name,
    about,
    inputs: () => inputs.filter((text) => !LEFT_OUT.test(decodeLoosely(text))),
    async open(surroundings) {
      const daemon = new Daemon(surroundings)
      await daemon.ready()
      return {
        async check(text) {
          const answer = await daemon.send(Buffer.from(text))
          await daemon.examine(answer)
          return /^HTTP\/1\.[01] 2/.test(answer) && !answer.includes('<fault>') ? 'accepted' : 'refused'
        },
        close: () => daemon.stop(),
      }
    },
  })
}

function decodeLoosely(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}
