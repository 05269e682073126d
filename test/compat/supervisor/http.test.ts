// HTTP below XML-RPC: the same bytes are sent to supervisord and to kahi. Each request is followed by one for /ok.html on
// the same connection, which shows whether the connection stayed open and where the answer ended.

import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { withinLimit } from '../../helpers/wait.ts'
import { isInstalled, run, type Running } from './pair.ts'

const CALL = '<?xml version="1.0"?><methodCall><methodName>supervisor.getState</methodName></methodCall>'
const LAST = 'GET /ok.html HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'

interface Asked {
  readonly method?: string
  readonly path?: string
  readonly version?: string
  readonly headers?: readonly string[]
  readonly body?: string
}

/** The bytes of a request; with a body its length is said, unless `headers` says how long it is. */
function ask({ method = 'GET', path = '/', version = '1.1', headers = ['Host: localhost'], body }: Asked): string {
  const isSaid = headers.some((header) => /^(content-length|transfer-encoding)/i.test(header))
  const length = body === undefined || isSaid ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
  return [`${method} ${path} HTTP/${version}`, ...headers, ...length, '', body ?? ''].join('\r\n')
}

function call(path: string, more: Asked = {}): string {
  return ask({ method: 'POST', path, body: CALL, ...more })
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly location: string
  readonly body: string
}

/** Sends bytes, and gives all that comes until the daemon closes the connection. */
function send(socket: string, bytes: string): Promise<string> {
  const answered = new Promise<string>((resolve) => {
    const chunks: Buffer[] = []
    const client = connect(socket, () => client.write(bytes))
    client.on('data', (chunk) => chunks.push(chunk))
    client.on('error', () => {})
    client.on('close', () => resolve(Buffer.concat(chunks).toString()))
  })
  return withinLimit(answered, () => `the connection ends after ${JSON.stringify(bytes)}`)
}

/** The answers on one connection; only bodies with a length are read. */
function parse(text: string): Answer[] {
  const answers: Answer[] = []
  for (let rest = Buffer.from(text); rest.length > 0;) {
    const end = rest.indexOf('\r\n\r\n')
    const [first = '', ...lines] = rest.subarray(0, end).toString().split('\r\n')
    const headers = new Map(lines.map((line) => [line.split(':')[0]?.toLowerCase(), line.replace(/^[^:]*: */, '')]))
    const type = (headers.get('content-type') ?? '').replaceAll(' ', '').toLowerCase()
    const length = Number(headers.get('content-length') ?? rest.length)
    const body = rest.subarray(end + 4, end + 4 + length).toString()
    answers.push({ status: Number(first.split(' ')[1]), type, location: headers.get('location') ?? '', body })
    rest = rest.subarray(end + 4 + length)
  }
  return answers
}

async function answersTo({ socket }: Running, bytes: string, last = LAST): Promise<Answer[]> {
  return parse(await send(socket, bytes + last))
}

const PAGES = ['/', '//', '/index.html', '/?x=1', '/index.html?', '/#x', '/index%2ehtml', '/ok.html', '/tail.html']
const ABSENT = ['/nope', '/rpc2', '/RPC', '/index.htm', '/favicon.ico', '/%zz', '/%00', '/../../etc/passwd', '/a?b=/']
const NO_LOGS = [
  '/logtail/',
  '/logtail/nope',
  '/logtail/w',
  '/logtail/quiet',
  '/logtail/web/nope',
  '/logtail/web/stdout/',
]

/** Requests whose answers are equal: status, type, and whether the connection stays open. */
const EQUAL: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...PAGES, ...ABSENT, ...NO_LOGS].map((path) => [`GET ${path}`, ask({ path })])),
  ...Object.fromEntries(ABSENT.map((path) => [`POST ${path}`, ask({ method: 'POST', path })])),
  ...Object.fromEntries(['PUT', 'DELETE', 'OPTIONS', 'PATCH'].map((method) => [`${method} /`, ask({ method })])),
  ...Object.fromEntries(['GET', 'PUT', 'DELETE'].map((method) => [`${method} /RPC2`, ask({ method, path: '/RPC2' })])),
  ...Object.fromEntries(['/RPC2', '/RPC2/', '/RPC2x', '/RPC2?a=b', '/%52PC2'].map((p) => [`a call of ${p}`, call(p)])),
  'a page over HTTP/1.0': ask({ version: '1.0', headers: [] }),
  'two pages on one connection': ask({}) + ask({}),
  'a page, then a call': ask({}) + call('/RPC2'),
  'a path that is not there, then a call': ask({ path: '/nope' }) + call('/RPC2'),
  'two calls on one connection': call('/RPC2') + call('/RPC2'),
  'a page with Connection: close': ask({ headers: ['Host: localhost', 'Connection: close'] }),
  'a call without Host': call('/RPC2', { headers: [] }),
  'a call with Connection: close': call('/RPC2', { headers: ['Connection: close'] }),
  'a call over HTTP/1.0': call('/RPC2', { version: '1.0', headers: [] }),
  'a call over HTTP/1.0 that keeps the connection': call('/RPC2', {
    version: '1.0',
    headers: ['Connection: Keep-Alive'],
  }),
  'a call with lower-case header names': call('/RPC2', { headers: [`content-length: ${CALL.length}`] }),
  'a call without length': ask({ method: 'POST', path: '/RPC2', headers: [] }),
  'a call that is no XML': ask({ method: 'POST', path: '/RPC2', body: 'nope' }),
  'a call that is cut off': ask({ method: 'POST', path: '/RPC2', body: CALL.slice(0, 60) }),
  'a call without a method': ask({ method: 'POST', path: '/RPC2', body: '<?xml version="1.0"?><methodCall/>' }),
  'a form': ask({ method: 'POST', path: '/', body: 'x=1' }),
  'a form for a path that is not there': ask({ method: 'POST', path: '/nope' }),
  'a head of 15,000 bytes': ask({ headers: [`X: ${'a'.repeat(15_000)}`] }),
  '200 headers': ask({ headers: Array.from({ length: 200 }, (_, index) => `X-${index}: a`) }),
  'a path of 9,000 characters': ask({ path: `/${'a'.repeat(9000)}` }),
  'a password that is not asked for': ask({ headers: ['Authorization: Basic YTpi'] }),
  'a folder of another server': ask({ path: '/nope/' }),
}

/** Where kahi answers otherwise on purpose: [the request, supervisord's statuses, kahi's]. docs/compat says why. */
const DIFFERENT: Readonly<Record<string, readonly [string, readonly number[], readonly number[]]>> = {
  'HEAD of the page': [ask({ method: 'HEAD', headers: ['Connection: close'] }), [404], [200]],
  'a log without a name': [ask({ path: '/logtail' }), [500, 200], [404, 200]],
  'a page of the interface by its file': [ask({ path: '/status.html' }), [200, 200], [404, 200]],
  'an action that does not exist': [ask({ path: '/?action=nope' }), [500, 200], [400, 200]],
  'a wish for websockets': [ask({ headers: ['Connection: Upgrade', 'Upgrade: websocket'] }), [200, 200], [200]],
  'a page with a body': [ask({ body: 'abc' }), [200, 400], [200, 200]],
  'a head of 40,000 bytes': [ask({ headers: [`X: ${'a'.repeat(40_000)}`] }), [200, 200], [431]],
  'a header over two lines': [ask({ headers: ['X: a', ' b'] }), [200, 200], [400]],
  'a header name with a blank': [ask({ headers: ['X A: b'] }), [200, 200], [400]],
  'a header without a colon': [ask({ headers: ['nonsense'] }), [500, 200], [400]],
  'a length that is no number': [call('/RPC2', { headers: ['Content-Length: x'] }), [500], [400]],
  'no HTTP at all': ['hello\r\n\r\n', [], [400]],
}

/** supervisord and kahi, each with its own copy of the programs. */
function runBoth(): Promise<readonly [Running, Running]> {
  return Promise.all([
    run({ daemon: 'supervisord', client: 'supervisorctl' }),
    run({ daemon: 'kahi', client: 'supervisorctl' }),
  ])
}

/** Name → the answers to its bytes. */
async function askAll<Shown>(
  daemon: Running,
  requests: readonly (readonly [string, string])[],
  show: (answer: Answer) => Shown,
): Promise<Readonly<Record<string, readonly Shown[]>>> {
  const answers: [string, readonly Shown[]][] = []
  for (const [name, bytes] of requests) answers.push([name, (await answersTo(daemon, bytes)).map(show)])
  return Object.fromEntries(answers)
}

test.skipIf(!isInstalled)('raw requests are answered as by supervisord (needs supervisor installed)', async () => {
  const [real, own] = await runBoth()
  const requests = Object.entries(EQUAL)
  const show = ({ status, type, body }: Answer) => `${status} ${type} ${type === 'text/html' ? body : ''}`
  const expected = await askAll(real, requests, show)
  expect(Object.values(expected).filter((answers) => answers.length > 1).length).toBeGreaterThan(50)
  expect(await askAll(own, requests, show)).toEqual(expected)

  const others = Object.entries(DIFFERENT).map(([name, [bytes]]) => [name, bytes] as const)
  const meant = (which: 1 | 2) => Object.fromEntries(Object.entries(DIFFERENT).map(([name, row]) => [name, row[which]]))
  expect(await askAll(real, others, ({ status }) => status)).toEqual(meant(1))
  expect(await askAll(own, others, ({ status }) => status)).toEqual(meant(2))
})

/** Actions of the page, one after the other, as scripts call them. */
const ACTIONS = [
  ['GET', 'action=refresh'],
  ['GET', 'action=stop&processname=web'],
  ['GET', 'action=start&processname=web'],
  ['GET', 'action=start&processname=web'],
  ['GET', 'processname=web:web&action=restart'],
  ['POST', 'action=restart&processname=w:w_0'],
  ['GET', 'action=start&processname=off&processname=web'],
  ['GET', 'action=start&processname=lost'],
  ['GET', 'action=start&processname=broken'],
  ['GET', 'action=start&processname=brief'],
  ['GET', 'action=clearlog&processname=web'],
  ['GET', 'action=stop&processname=nope'],
  ['GET', 'action=stop&processname=w'],
  ['GET', 'action=stop&processname=w:nope'],
  ['GET', 'action=&processname=web'],
  ['POST', 'action=stopall'],
  ['GET', 'action=restartall'],
] as const

test.skipIf(!isInstalled)('the pages do and show what supervisord’s do (needs supervisor installed)', async () => {
  const [real, own] = await runBoth()
  const act = async (daemon: Running, [method, form]: (typeof ACTIONS)[number]): Promise<string> => {
    const headers = ['Host: localhost', 'Connection: close']
    const inQuery = { path: `/index.html?${form}`, headers }
    const bytes = ask(method === 'GET' ? inQuery : { method, body: form, headers })
    const [answer] = await answersTo(daemon, bytes, '')
    const message = new URL(answer?.location ?? '', 'http://localhost/').searchParams.get('message') ?? ''
    return `${method} ${form}: ${answer?.status} ${message.replace(/ at \w{3} \w{3} [ \d]\d [\d:]{8} \d{4}$/, ' at TIME')}`
  }
  const told: string[][] = [[], []]
  for (const action of ACTIONS) {
    told[0]?.push(await act(real, action))
    told[1]?.push(await act(own, action))
  }
  expect(told[1]).toEqual(told[0])
  const page = async (daemon: Running) => shown((await answersTo(daemon, ask({})))[0]?.body ?? '')
  const [status, process] = await page(real)
  expect(process).toContain('w:w_0')
  expect(await page(own)).toEqual([status, process])
  for (const query of [
    'processname=web',
    'processname=web&limit=3',
    'processname=w:w_0&limit=x',
    'processname=quiet',
    'x',
  ]) {
    const tail = async (daemon: Running) =>
      (await answersTo(daemon, ask({ path: `/tail.html?${query}` })))[0]?.body ?? ''
    const text = (html: string) =>
      [/<title[^>]*>(.*)<\/title>/, /<pre[^>]*>([^<]*)<\/pre>/].map((part) => part.exec(html)?.[1])
    expect(text(await tail(own))).toEqual(text(await tail(real)))
  }
})

/** The states with their classes, and the names, of all rows of the page. */
function shown(html: string): readonly (readonly string[])[] {
  const states = [...html.matchAll(/<span class="(status\w+)">(\w+)<\/span>/g)].map(
    ([, kind, state]) => `${kind} ${state}`,
  )
  const names = [...html.matchAll(/<a href="tail\.html\?processname=[^"]*"[^>]*>([^<]*)<\/a>/g)].map(
    ([, name]) => name ?? '',
  )
  return [states, names]
}
