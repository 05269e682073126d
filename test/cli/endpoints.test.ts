// Every endpoint of dist/kahi, called by a client that a generator makes from the daemon's OpenAPI document, and by Python with its
// standard library. Every answer is checked against the document.

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createClient } from '@hey-api/openapi-ts'
import { build } from 'esbuild'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { rows } from '../../runtime/control/rest/rows.ts'
import { expectDocumented } from '../control/contract.ts'
import { scratch, startDaemon } from '../helpers/kahi.ts'
import { freePort } from '../helpers/raw-http.ts'
import { receiver } from '../helpers/receiver.ts'
import { eventually } from '../helpers/wait.ts'

const hasPython = spawnSync('python3', ['--version']).status === 0
if (!hasPython) console.warn('no python3: a client in Python is not tested')

interface Given {
  readonly path?: object
  readonly query?: object
  readonly body?: object
}

const WEB = { path: { name: 'web' } }
const CAT = { path: { group: 'cat' } }
const OUT = { path: { name: 'web', stream: 'stdout' } }

/** The parameters for the endpoints, in the order of the requests. Endpoints without a line get no parameters. */
const GIVEN: Partial<Record<keyof typeof rows, Given>> = {
  'POST /api/v1/apply': { body: { dry_run: true } },
  'GET /api/v1/processes/{name}': WEB,
  'POST /api/v1/processes/all/signal': { body: { signal: 'CONT' } },
  'POST /api/v1/processes/{name}/stop': WEB,
  'POST /api/v1/processes/{name}/start': WEB,
  'POST /api/v1/processes/{name}/restart': { ...WEB, query: { wait: true } },
  'POST /api/v1/processes/{name}/signal': { ...WEB, body: { signal: 'CONT' } },
  'POST /api/v1/processes/{name}/reload': WEB,
  'POST /api/v1/processes/{name}/stdin': { path: { name: 'cat' }, body: { text: 'hello\n' } },
  'GET /api/v1/processes/{name}/environment': WEB,
  'GET /api/v1/processes/{name}/usage': WEB,
  'DELETE /api/v1/processes/{name}/log': { path: { name: 'cat' } },
  'GET /api/v1/processes/{name}/log/{stream}': { ...OUT, query: { length: 100 } },
  'GET /api/v1/processes/{name}/log/{stream}/stream': { ...OUT, query: { backlog: 100 } },
  'POST /api/v1/groups/{group}/stop': CAT,
  'POST /api/v1/groups/{group}/start': CAT,
  'POST /api/v1/groups/{group}/restart': CAT,
  'POST /api/v1/groups/{group}/signal': { ...CAT, body: { signal: 18 } },
  'POST /api/v1/up': { body: { targets: ['web'] } },
  'POST /api/v1/down': { body: { targets: ['web'], dry_run: true } },
  'PUT /api/v1/programs/{name}': { path: { name: 'added' }, body: { command: 'sleep 1000' } },
  'DELETE /api/v1/programs/{name}': { path: { name: 'added' } },
  'POST /api/v1/programs/{name}/scale': { path: { name: 'many' }, body: { numprocs: 2 } },
  'GET /api/v1/events': { query: { types: 'process-state' } },
  'POST /api/v1/webhooks/{name}/test': { path: { name: 'ops' } },
}
/** The operations that end the daemon process. */
const LAST: readonly (keyof typeof rows)[] = ['POST /api/v1/upgrade', 'POST /api/v1/shutdown']
const ORDER = Object.keys(GIVEN)

async function run() {
  const { url: hook } = await receiver()
  const folder = scratch()
  const port = await freePort()
  const file = join(folder, 'kahi.toml')
  writeFileSync(
    file,
    `[server.http]
enabled = true
listen = "127.0.0.1:${port}"
username = "me"
password = "secret"
[programs.web]
command = ["sh", "-c", "echo one; echo two; echo three; exec sleep 1000"]
startsecs = 0
stdout_logfile = "${folder}/web.log"
reload_command = "true"
[programs.cat]
command = "cat"
startsecs = 0
[programs.many]
command = "sleep 1000"
process_name = "%(process_num)d"
startsecs = 0
[oneshots.migrate]
up = "true"
[webhooks.ops]
url = "${hook}"
[peers.gone]
url = "http://127.0.0.1:1"
`,
  )
  const daemon = startDaemon(['daemon', '--survive', '-c', file], { cwd: folder })
  await daemon.line('kahi started with pid')
  const url = `http://127.0.0.1:${port}`
  const authorization = `Basic ${Buffer.from('me:secret').toString('base64')}`
  const isUp = async (): Promise<boolean> => {
    const answer = await fetch(`${url}/api/v1/processes/web/log/stdout`, { headers: { authorization } })
    return (await answer.text()).endsWith('three\n')
  }
  await eventually(isUp)
  return { folder, port, url, daemon, authorization, isUp }
}

interface Answer {
  readonly data?: unknown
  readonly error?: unknown
  readonly response: Response
  /** The data of server-sent events. */
  readonly stream?: AsyncIterable<unknown>
}

interface Sdk {
  readonly client: { setConfig(config: object): void }
  readonly [operation: string]: unknown
}

/** The client for the daemon's document: its functions by the names of operations. */
async function generate(url: string, authorization: string, folder: string) {
  const served = await fetch(`${url}/api/v1/openapi.json`, { headers: { authorization } })
  const document = (await served.json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>
  }
  writeFileSync(join(folder, 'openapi.json'), JSON.stringify(document))
  await createClient({
    input: join(folder, 'openapi.json'),
    output: join(folder, 'client'),
    plugins: ['@hey-api/client-fetch', '@hey-api/sdk', '@hey-api/typescript'],
    logs: { level: 'silent' },
  })
  const entry = "export * from './sdk.gen.ts'\nexport { client } from './client.gen.ts'\n"
  await build({
    stdin: { contents: entry, resolveDir: join(folder, 'client') },
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile: join(folder, 'client.mjs'),
    logLevel: 'silent',
  })
  const sdk = (await import(pathToFileURL(join(folder, 'client.mjs')).href)) as Sdk
  sdk.client.setConfig({ baseUrl: url, headers: { authorization } })
  return { document, sdk }
}

test('a generated client calls every endpoint; its answers fit the document', async () => {
  const { folder, url, authorization, daemon, isUp } = await run()
  const { document, sdk } = await generate(url, authorization, folder)
  const call = (key: string, given: object): Promise<Answer> => {
    const [method = '', path = ''] = key.split(' ')
    const name = document.paths[path]?.[method.toLowerCase()]?.operationId ?? ''
    const operation = sdk[name] as ((options: object) => Promise<Answer>) | undefined
    expect(operation, `${key} has no function ${name}`).toBeTypeOf('function')
    return operation?.(given) ?? Promise.reject(new Error(name))
  }
  const keys = Object.keys(rows) as (keyof typeof rows)[]
  const others = keys.filter((key) => !LAST.includes(key)).toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))
  for (const key of others) {
    const given = GIVEN[key] ?? {}
    const [method = '', path = ''] = key.split(' ')
    if (rows[key].answer === 'stream') {
      const stop = new AbortController()
      const { stream } = await call(key, { ...given, signal: stop.signal })
      const first = await stream?.[Symbol.asyncIterator]().next()
      expect(first?.value, key).toEqual(path.startsWith('/api/v1/processes') ? 'one' : expect.any(Object))
      stop.abort()
      continue
    }
    const { data, response } = await call(key, { ...given, parseAs: 'text' })
    expect(response.status, `${key}: ${String(data)}`).toBe(200)
    expectDocumented(method, path, {
      status: response.status,
      type: response.headers.get('content-type') ?? '',
      body: String(data),
    })
  }
  const failing = await call('POST /api/v1/processes/{name}/start', { path: { name: 'none' } })
  expect(failing.error).toMatchObject({ code: 'NOT_FOUND' })
  const health = await call('GET /api/v1/health', {})
  expect(health.data).toMatchObject({ status: 'ok', states: { RUNNING: 4, EXITED: 1 }, failed: [], unhealthy: [] })
  expect((await call('POST /api/v1/upgrade', {})).data).toMatchObject({ status: 'upgrading' })
  await eventually(async () => await isUp())
  expect((await call('POST /api/v1/shutdown', {})).data).toEqual({ status: 'shutting_down' })
  expect((await daemon.ended()).exitCode).toBe(0)
})

test('parts of a log: bytes, an offset, lines, and the Range header of HTTP', async () => {
  const { url, authorization } = await run()
  const log = async (query: string, range?: string) => {
    const headers = { authorization, ...(range !== undefined && { range }) }
    const answer = await fetch(`${url}/api/v1/processes/web/log/stdout${query}`, { headers })
    const body = await answer.text()
    const type = answer.headers.get('content-type') ?? ''
    expectDocumented('GET', '/api/v1/processes/web/log/stdout', { status: answer.status, type, body })
    return [answer.status, body, answer.headers.get('content-range')]
  }
  expect(await log('?length=6')).toEqual([200, 'three\n', null])
  expect(await log('?offset=4&length=4')).toEqual([200, 'two\n', null])
  expect(await log('?offset=4&length=0')).toEqual([200, 'two\nthree\n', null])
  expect(await log('?offset=900')).toEqual([200, '', null])
  expect(await log('?lines=2')).toEqual([200, 'two\nthree\n', null])
  expect(await log('', 'bytes=0-3')).toEqual([206, 'one\n', 'bytes 0-3/14'])
  expect(await log('', 'bytes=8-')).toEqual([206, 'three\n', 'bytes 8-13/14'])
  expect(await log('', 'bytes=-6')).toEqual([206, 'three\n', 'bytes 8-13/14'])
  expect(await log('', 'bytes=8-999999999999')).toEqual([206, 'three\n', 'bytes 8-13/14'])
  expect(await log('', 'bytes=99-')).toEqual([416, expect.stringContaining('14 bytes'), null])
  expect(await log('', 'bytes=0-1,4-5')).toEqual([200, 'one\ntwo\nthree\n', null])
  expect(await log('', 'lines=1')).toEqual([200, 'one\ntwo\nthree\n', null])
  expect((await log('?lines=2&offset=1'))[0]).toBe(400)
  expect((await log('?offset=-1'))[0]).toBe(400)
})

test('GET /api/v1/health names what is wrong, and why', async () => {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  writeFileSync(
    file,
    `[server.unix]
file = "${folder}/s"
[programs.missing]
command = "/does/not/exist"
startretries = 0
[programs.done]
command = ["sh", "-c", "exit 3"]
startsecs = 0
autorestart = false
[programs.sick]
command = "sleep 1000"
startsecs = 0
health = { exec = "false", interval = 0.05, failures = 1 }
[programs.slow]
command = "sleep 1000"
ready = { file = "${folder}/never" }
[webhooks.gone]
url = "http://127.0.0.1:1"
attempts = 1
`,
  )
  startDaemon(['daemon', '-c', file], { cwd: folder })
  const health = ['-s', '--retry', '9', '--retry-all-errors', '--unix-socket', `${folder}/s`, 'http://x/api/v1/health']
  await eventually(async () => {
    const { stdout } = await execa('curl', health)
    expectDocumented('GET', '/api/v1/health', { status: 200, type: 'application/json', body: stdout })
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'degraded',
      processes: 4,
      failed: [
        { name: 'done', problem: 'Bad exit code 3' },
        { name: 'missing', problem: expect.stringContaining('/does/not/exist') },
      ],
      unhealthy: [{ name: 'sick', problem: expect.stringContaining('1') }],
      pending: expect.arrayContaining(['slow']),
      deliveries: [{ name: 'webhooks.gone', problem: 'ECONNREFUSED' }],
    })
  })
})

const PYTHON = `
import base64, json, sys, urllib.error, urllib.request
url = sys.argv[1]
def ask(method, path, body=None, login='me:secret'):
    request = urllib.request.Request(url + path, method=method, data=None if body is None else json.dumps(body).encode())
    if login: request.add_header('Authorization', 'Basic ' + base64.b64encode(login.encode()).decode())
    if body is not None: request.add_header('Content-Type', 'application/json')
    try:
        with urllib.request.urlopen(request, timeout=60) as answer: return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error: return error.code, error.headers, error.read()
document = json.loads(ask('GET', '/api/v1/openapi.json')[2])
for path, methods in document['paths'].items():
    if 'get' not in methods or '{' in path or path.endswith('/stream'): continue
    status, headers, body = ask('GET', path)
    print(status, path, type(json.loads(body)).__name__ if headers['Content-Type'] == 'application/json' else 'text')
    if methods['get']['security']: print(ask('GET', path, login=None)[0], 'without')
print(ask('POST', '/api/v1/processes/web/signal', {'signal': 'CONT'})[0], 'signal')
print(ask('POST', '/api/v1/processes/web/signal', {'signal': 5, 'x': 1})[2].decode().strip())
`

test.skipIf(!hasPython)('Python reads the document and asks with its standard library', async () => {
  const { url } = await run()
  const { stdout } = await execa('python3', ['-c', PYTHON, url])
  const lines = stdout.split('\n')
  expect(lines).toContain('200 /api/v1/processes list')
  expect(lines).toContain('200 /api/v1/health dict')
  expect(lines).toContain('200 /metrics text')
  expect(lines).toContain('200 signal')
  expect(lines.filter((line) => line.endsWith(' without')).every((line) => line.startsWith('401'))).toBe(true)
  expect(lines.filter((line) => / \//.test(line)).every((line) => line.startsWith('200'))).toBe(true)
  expect(lines.at(-1)).toContain('body.x: is not known here')
})
