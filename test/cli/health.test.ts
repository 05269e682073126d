// health and on_unhealthy, seen through dist/kahi: each kind of check, and each policy, on real sockets and processes.

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { hasPython } from '../helpers/python.ts'
import { hasHelper, kahi, scratch, startReady } from '../helpers/kahi.ts'
import { isRunning } from '../helpers/processes.ts'
import { eventually } from '../helpers/wait.ts'

/** A daemon with a program `p`, whose keys are given. `DIR` in the text is the folder of the test. */
async function run(keys: string, command = 'command = "/bin/sleep 1000"', more = '') {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  const toml = `[server.unix]\nfile = "DIR/k.sock"\n[programs.p]\n${command}\nstartsecs = 0\n${keys}\n${more}`
  writeFileSync(join(folder, 'good'), '')
  writeFileSync(file, toml.replaceAll('DIR', folder))
  const daemon = await startReady(file)
  const ctl = (...args: string[]) => kahi(['ctl', '-c', file, ...args])
  const status = async () => JSON.parse((await ctl('status', '--json', 'p')).stdout)[0]
  const becomes = (health: object | null, others: object = {}) =>
    eventually(async () => expect(await status()).toMatchObject({ health, ...others }))
  const end = async (exitCode = 0) => {
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode })
  }
  return { folder, file, daemon, ctl, status, becomes, end, good: join(folder, 'good') }
}

const QUICK = 'interval = 0.05, failures = 2'
const GOOD_FILE = `health = { file = "DIR/good", ${QUICK} }`
const HEALTHY = { status: 'healthy', problem: '' }

/** The body of an answer over a unix socket. */
async function curl(socketPath: string, path: string): Promise<unknown> {
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    get({ socketPath, path }, resolve).once('error', reject),
  )
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString())
}

async function listen(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

describe('kinds', () => {
  test('http: method, headers, status and body; the first answers decide', async () => {
    let answer = { status: 418, body: 'all is well' }
    const asked: IncomingMessage[] = []
    const port = await listen(
      createServer((request, response) => {
        asked.push(request)
        response.writeHead(answer.status).end(answer.body)
      }),
    )
    const rules = `method = "post", headers = { Host = "inner.test", "X-Probe" = "kahi" }, status = ["200-204", 418], body = "well$"`
    const all = await run(`health = { http = "http://127.0.0.1:${port}/up", ${rules}, ${QUICK} }`)
    await all.becomes(HEALTHY)
    expect(asked[0]).toMatchObject({ method: 'POST', url: '/up', headers: { host: 'inner.test', 'x-probe': 'kahi' } })
    answer = { status: 500, body: 'all is well' }
    await all.becomes({ status: 'unhealthy', problem: 'status 500' }, { state: 'RUNNING', ready: null })
    expect((await all.ctl('status')).stdout).toMatch(/^p +RUNNING .*, unhealthy: .+$/m)
    answer = { status: 204, body: '' }
    await all.becomes({ status: 'unhealthy', problem: 'another body' })
    answer = { status: 200, body: 'well' }
    await all.becomes(HEALTHY)
    const { events } = JSON.parse((await all.ctl('events', '--json', '--types', 'health')).stdout)
    expect(events).toMatchObject([
      { healthy: true, reason: '' },
      { group: 'p', name: 'p', healthy: false, reason: `http http://127.0.0.1:${port}/up: status 500` },
      { healthy: true },
    ])
    await all.end()
  })

  test('tcp and unix: while something listens', async () => {
    const server = createTcpServer((socket) => void socket.destroy())
    const port = await listen(server as Server)
    const all = await run(
      `health = { tcp = ":${port}", ${QUICK} }`,
      undefined,
      `[programs.q]\ncommand = "/bin/sleep 1000"\nstartsecs = 0\nhealth = { unix = "DIR/k.sock", ${QUICK} }`,
    )
    await all.becomes(HEALTHY)
    await all.daemon.line('healthy: q')
    await new Promise((resolve) => server.close(resolve))
    await all.becomes({ status: 'unhealthy', problem: 'ECONNREFUSED' })
    await listen(server as Server, port)
    await all.becomes(HEALTHY)
    await all.end()
  })

  test('exec: one at a time, and its group is killed at the time-out', async () => {
    const script = 'echo $$$$ >>DIR/pids; test -e DIR/good || { sleep 1000 & echo $! >>DIR/pids; wait; }'
    const all = await run(
      `health = { exec = ["/bin/sh", "-c", '''${script}'''], interval = 0.02, timeout = 1, failures = 1 }`,
    )
    await all.becomes(HEALTHY)
    rmSync(all.good)
    await all.becomes({ status: 'unhealthy', problem: 'timeout' })
    writeFileSync(all.good, '')
    await all.becomes(HEALTHY)
    const pids = readFileSync(join(all.folder, 'pids'), 'utf8').trim().split('\n').map(Number)
    await all.end()
    await eventually(() => expect(pids.filter(isRunning)).toEqual([]))
  })

  test('file: there, and young enough', async () => {
    const all = await run(`health = { file = "DIR/good", max_age = 3600, ${QUICK} }`)
    await all.becomes(HEALTHY)
    const { utimesSync } = await import('node:fs')
    utimesSync(all.good, 1000, 1000)
    await all.becomes({ status: 'unhealthy', problem: expect.stringMatching(/^changed \d+ seconds ago$/) })
    rmSync(all.good)
    await all.becomes({ status: 'unhealthy', problem: expect.stringContaining('no file') })
    await all.end()
  })

  test('log: a line within each interval', async () => {
    const script = 'while sleep 0.05; do if test -e DIR/good; then echo "tick 1"; else echo silence; fi; done'
    const all = await run(
      'health = { log = "^tick \\\\d", interval = 3 }',
      `command = ["/bin/sh", "-c", '''${script}''']`,
    )
    await all.becomes(HEALTHY)
    rmSync(all.good)
    await all.becomes({ status: 'unhealthy', problem: 'no sign of life for 3 seconds' })
    writeFileSync(all.good, '')
    await all.becomes(HEALTHY)
    await all.end()
  })

  test.runIf(hasPython && hasHelper)('notify: WATCHDOG=1 within WATCHDOG_USEC, as with systemd', async () => {
    const script = `import os, socket, time
folder = os.environ["FOLDER"]
talk = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
talk.connect(os.environ["NOTIFY_SOCKET"].replace("@", "\\0", 1))
print("every " + os.environ["WATCHDOG_USEC"], flush=True)
while True:
    if os.path.exists(folder + "/good"): talk.send(b"WATCHDOG=1")
    if os.path.exists(folder + "/bad"): talk.send(b"WATCHDOG=trigger")
    time.sleep(0.05)
`
    const all = await run(
      'environment = { FOLDER = "DIR" }\nhealth = { notify = true, interval = 4.5 }\nready = { file = "DIR/good" }',
      `command = ["/usr/bin/python3", "-c", '''${script}''']`,
    )
    await all.daemon.line('every 4500000')
    await all.becomes(HEALTHY, { ready: true })
    rmSync(all.good)
    await all.becomes({ status: 'unhealthy', problem: 'no sign of life for 4.5 seconds' })
    writeFileSync(all.good, '')
    await all.becomes(HEALTHY)
    rmSync(all.good)
    writeFileSync(join(all.folder, 'bad'), '')
    await all.becomes({ status: 'unhealthy', problem: 'the process reports it (WATCHDOG=trigger)' })
    await all.end()
  })
})

describe('on_unhealthy', () => {
  test('restart: as after an unexpected exit, with the delays and the limit of the rules', async () => {
    const all = await run(`${GOOD_FILE}\non_unhealthy = "restart"\nrestart = { delay = 0.01, factor = 1, limit = 2 }`)
    await all.becomes(HEALTHY)
    const { pid } = await all.status()
    rmSync(all.good)
    await all.daemon.line('stopping p: is unhealthy (file ')
    await all.daemon.line('restarting: p in 0.01 seconds (restart 1 in a row)')
    await all.daemon.line('restarting: p in 0.01 seconds (restart 2 in a row)')
    await all.daemon.line('gave up: p entered FATAL state, restarted 2 times')
    expect(isRunning(pid)).toBe(false)
    await all.becomes(null, { state: 'FATAL' })
    const { events } = JSON.parse((await all.ctl('events', '--json', '--types', 'process-state')).stdout)
    const moves = events.map(({ from, to }: { from: string; to: string }) => `${from}>${to}`)
    const round = ['running>stopping', 'stopping>exited']
    expect(moves).toEqual([
      ...['stopped>starting', 'starting>running', ...round],
      ...['exited>starting', 'starting>running', ...round],
      ...['exited>starting', 'starting>running', ...round, 'exited>fatal'],
    ])
    writeFileSync(all.good, '')
    await all.ctl('start', 'p')
    await all.becomes(HEALTHY)
    await all.end()
  })

  test('restart: a stop on the way down is the last word', async () => {
    const script = 'trap "until test -e DIR/let; do sleep 0.02; done; exit" TERM; echo up; while :; do sleep 0.02; done'
    const all = await run(
      `${GOOD_FILE}\non_unhealthy = "restart"\nstopwaitsecs = 3600`,
      `command = ["/bin/sh", "-c", '''${script}''']`,
    )
    await all.daemon.line(/"message":"up"/)
    rmSync(all.good)
    await all.daemon.line('stopping p: is unhealthy')
    const stopped = all.ctl('stop', 'p')
    await all.daemon.line('p is not started again: it was stopped meanwhile')
    writeFileSync(join(all.folder, 'let'), '')
    expect((await stopped).exitCode).toBe(0)
    expect(await all.status()).toMatchObject({ state: 'STOPPED', health: null })
    await all.end()
  })

  test('stop: it is FATAL with the reason', async () => {
    const all = await run(`${GOOD_FILE}\non_unhealthy = "stop"\nautorestart = true`)
    await all.becomes(HEALTHY)
    rmSync(all.good)
    await all.becomes(null, { state: 'FATAL', description: `is unhealthy (file ${all.good}: no file ${all.good})` })
    await all.end()
  })

  test('signal: once for each time', async () => {
    const script = 'trap "echo heard" USR1; echo up; while :; do sleep 0.02; done'
    const all = await run(`${GOOD_FILE}\non_unhealthy = "signal:USR1"`, `command = ["/bin/sh", "-c", '''${script}''']`)
    await all.daemon.line(/"message":"up"/)
    await all.becomes(HEALTHY)
    rmSync(all.good)
    await all.daemon.line(/"message":"heard"/)
    writeFileSync(all.good, '')
    await all.becomes(HEALTHY, { state: 'RUNNING' })
    expect(all.daemon.output().match(/"message":"heard"/g)).toHaveLength(1)
    await all.end()
  })

  test('shutdown: the daemon ends with exit_code', async () => {
    const all = await run(`${GOOD_FILE}\non_unhealthy = "shutdown"\nexit_code = 7`)
    await all.becomes(HEALTHY)
    rmSync(all.good)
    await all.daemon.line(/'p' is unhealthy \(file .*\): the daemon ends with exit code 7/)
    expect(await all.daemon.ended()).toMatchObject({ exitCode: 7 })
  })
})

test('checks begin when it is ready, and failures in start_period do not count', async () => {
  const all = await run(
    `ready = { file = "DIR/ready", interval = 0.02 }
health = { file = "DIR/alive", interval = 0.02, failures = 1, start_period = 3600 }
on_unhealthy = "shutdown"`,
  )
  await all.becomes(null, { state: 'RUNNING', ready: false })
  writeFileSync(join(all.folder, 'ready'), '')
  await all.becomes({ status: 'starting', problem: expect.stringContaining('no file') }, { ready: true })
  writeFileSync(join(all.folder, 'alive'), '')
  await all.becomes(HEALTHY)
  rmSync(join(all.folder, 'alive'))
  expect(await all.daemon.ended()).toMatchObject({ exitCode: 1 })
})

test('an unhealthy process is not ready for /readyz', async () => {
  const all = await run(GOOD_FILE)
  const probe = () => curl(join(all.folder, 'k.sock'), '/readyz')
  await all.becomes(HEALTHY)
  await eventually(async () => expect(await probe()).toEqual({ status: 'ready' }))
  rmSync(all.good)
  await eventually(async () => expect(await probe()).toEqual({ status: 'not_ready', pending: ['p'] }))
  await all.end()
})

test.each([
  ['health = { fd = 3 }', 'error: Cannot read "health" as health check: there is no "fd", only notify, tcp'],
  ['health = { tcp = ":80", method = "PUT" }', 'method is only for http'],
  ['health = { http = "http://h/", status = ["20"] }', 'status "20" is neither a status such as 200 nor a range'],
  ['health = { http = "http://h/", headers = { "A B" = "c" } }', '"A B" is not a header of HTTP'],
  ['health = { tcp = ":80", intervall = 3 }', 'there is no "intervall"; did you mean "interval"?'],
  ['health = { tcp = ":80", failures = 0 }', 'failures is not a whole number from 1 to 1000000'],
  [
    'on_unhealthy = "restrat"',
    'error: Cannot read "on_unhealthy" as one of none, restart, stop, shutdown, signal:NAME: "restrat" is none of them; did you mean "restart"?',
  ],
  ['on_unhealthy = "signal:NOPE"', '"NOPE" is not a signal name or number'],
  ['on_unhealthy = "restart"', 'warning: "on_unhealthy" of [programs.p] has no effect without "health"'],
  [
    'health = { tcp = ":80" }\non_unhealthy = "restart"\nautorestart = false',
    'warning: [programs.p] is not restarted when it is unhealthy: autorestart is false',
  ],
  ['ready = { fd = 3 }\nhealth = { notify = true }', 'cannot have ready = { fd } and health = { notify } together'],
  [
    'health = { log = "x" }\nstdout_logfile = "NONE"\nstderr_logfile = "NONE"',
    '"health" of [programs.p] waits for a line',
  ],
])('check says what is wrong with %s', async (keys, message) => {
  const folder = scratch()
  writeFileSync(join(folder, 'kahi.toml'), `[programs.p]\ncommand = "p"\n${keys}\n`)
  expect((await kahi(['check', 'kahi.toml'], { cwd: folder })).stderr).toContain(message)
})
