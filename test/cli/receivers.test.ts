// Webhooks and log targets through dist/kahi. The library of Standard Webhooks checks signatures.

import { createSocket } from 'node:dgram'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { expect, onTestFinished, test } from 'vitest'
import { kahi, scratch } from '../helpers/kahi.ts'
import { BAD, receiver, SECRET, setUp } from '../helpers/receiver.ts'
import { eventually } from '../helpers/wait.ts'

test('a signed webhook, templates, headers, secrets in files; failures are tried again; redirects and 404 are not; a test says the status', async () => {
  const server = await receiver((path, count) =>
    path === '/flaky' ? (count < 2 ? 429 : 200) : path === '/moved' ? 302 : path === '/gone' ? 404 : 200,
  )
  const events = 'events = ["process-state.exited-*"]'
  const { ctl, folder } = await setUp(
    `${BAD}[webhooks.signed]
url = "${server.url}/signed"
secret_file = "DIR/secret"
authorization_file = "DIR/authorization"
headers = { X-Team = "\${HOOK_TEAM}" }
${events}
programs = ["ba*"]
queue_directory = "DIR/queue"
queue_size = 10
[webhooks.inline]
url = "${server.url}/inline"
secret = "${SECRET}"
format = "slack"
timeout = 5
${events}
[webhooks.own]
url = "${server.url}/own"
template = 'severity={{severity}} program={{program}} to={{data.to}}'
content_type = "text/plain"
${events}
[webhooks.other]
url = "${server.url}/other"
programs = ["web"]
[webhooks.flaky]
url = "${server.url}/flaky"
attempts = 3
${events}
[webhooks.moved]
url = "${server.url}/moved"
${events}
[webhooks.gone]
url = "${server.url}/gone"
${events}
`,
    { secret: `${SECRET}\n`, authorization: 'Bearer abc\n' },
  )
  await eventually(() => server.at('/flaky').length === 2 && server.at('/signed').length === 1)
  const [signed] = server.at('/signed')
  expect(new Webhook(SECRET).verify(signed!.body, signed!.headers as Record<string, string>)).toMatchObject({
    type: 'process-state.exited-unexpectedly',
    data: { name: 'bad', severity: 'error' },
  })
  expect(() => new Webhook(SECRET).verify(`${signed!.body} `, signed!.headers as Record<string, string>)).toThrow()
  expect(signed!.headers).toMatchObject({ authorization: 'Bearer abc', 'x-team': 'blue' })
  const [first, second] = server.at('/flaky')
  expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id'])
  await eventually(() => server.at('/own').length === 1 && server.at('/inline').length === 1)
  expect(server.at('/own')[0]).toMatchObject({ body: 'severity=error program=bad to=exited' })
  expect(JSON.parse(server.at('/inline')[0]!.body)).toEqual({
    text: expect.stringContaining('bad exited unexpectedly'),
  })
  expect(server.at('/other')).toEqual([])
  expect(statSync(join(folder, 'queue')).mode & 0o777).toBe(0o700)
  for (const name of readdirSync(join(folder, 'queue')))
    expect(statSync(join(folder, 'queue', name)).mode & 0o777).toBe(0o600)
  await eventually(async () => {
    const { stdout } = await ctl('webhook')
    expect(stdout).toMatch(/^moved {2}failing {2}sent 0, failed 1/m)
    expect(stdout).toMatch(/^gone {2}failing {2}sent 0, failed 1/m)
    expect(stdout).toMatch(/^flaky {2}ok {2}sent 1, failed 0/m)
  })
  expect(server.at('/elsewhere')).toEqual([])
  expect((await ctl('webhook', 'test', 'signed')).stdout).toBe('signed: sent (status 200)\n')
  expect(await ctl('webhook', 'test', 'gone')).toMatchObject({ exitCode: 1, stdout: 'gone: ERROR (status 404)\n' })
  expect((await ctl('events', '--types', 'delivery')).stdout).toContain('target=moved')
})

test('Loki and OTLP get lines with time, program, stream and severity; a receiver that never answers costs lines, not memory', async () => {
  const server = await receiver()
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void silent.closeAllConnections())
  onTestFinished(() => void silent.close())
  const { ctl } = await setUp(
    `${BAD}[programs.flood]
command = "sh -c 'yes 0123456789 | head -c 8000000; exec sleep 1000'"
stdout_logfile = "DIR/flood.log"
[log_targets.loki]
kind = "loki"
url = "${server.url}"
programs = ["bad"]
labels = { job = "kahi" }
headers = { X-Scope-OrgID = "ops" }
authorization_file = "DIR/authorization"
batch_wait = 0.1
[log_targets.otlp]
kind = "otlp"
url = "${server.url}"
programs = ["bad"]
streams = ["stderr"]
batch_wait = 0.1
[log_targets.silent]
kind = "loki"
url = "http://127.0.0.1:${(silent.address() as AddressInfo).port}"
programs = ["flood"]
buffer = "1MB"
timeout = 0.5
[log_targets.checked]
kind = "otlp"
url = "https://127.0.0.1:1"
ca = "DIR/missing.pem"
batch_wait = 0
[webhooks.checked]
url = "https://127.0.0.1:1"
ca = "DIR/missing.pem"
`,
    { authorization: 'Bearer abc' },
  )
  await eventually(() => server.at('/loki/api/v1/push').length > 0 && server.at('/v1/logs').length > 0)
  await eventually(() => {
    const all = server.at('/loki/api/v1/push').flatMap(({ body }) => JSON.parse(body).streams)
    const stream = (name: string, level: string) => ({ program: 'bad', job: 'kahi', stream: name, level })
    expect(all).toContainEqual({
      stream: expect.objectContaining(stream('stdout', 'info')),
      values: [[expect.stringMatching(/^\d{19}$/), 'out']],
    })
    expect(all).toContainEqual({
      stream: expect.objectContaining(stream('stderr', 'error')),
      values: [[expect.stringMatching(/^\d{19}$/), 'err']],
    })
  })
  expect(server.at('/loki/api/v1/push')[0]!.headers).toMatchObject({
    'x-scope-orgid': 'ops',
    authorization: 'Bearer abc',
  })
  expect((await ctl('webhook', 'test', 'checked')).stdout).toBe('checked: ERROR (ENOENT)\n')
  await eventually(async () => expect((await ctl('log-target')).stdout).toMatch(/^checked {2}failing .*\(ENOENT\)$/m))
  await eventually(async () =>
    expect((await ctl('log-target')).stdout).toMatch(/^silent {2}failing .*\(no answer in time\)$/m),
  )
  expect(server.at('/v1/logs')[0]!.body).toContain('"body":{"stringValue":"err"}')
  await eventually(async () => {
    const [, sent, dropped, queued] =
      /^silent .* sent (\d+), dropped (\d+), queued (\d+) KiB/m.exec((await ctl('log-target')).stdout) ?? []
    expect(Number(sent)).toBe(0)
    expect(Number(dropped)).toBeGreaterThan(500_000)
    expect(Number(queued)).toBeLessThanOrEqual(1024)
  })
})

test('syslog over UDP is RFC 5424 with facility, program, stream and labels', async () => {
  const got: string[] = []
  const socket = createSocket('udp4', (message) => got.push(message.toString()))
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  onTestFinished(() => void socket.close())
  await setUp(
    `${BAD}[log_targets.s]\nkind = "syslog"\nurl = "udp://127.0.0.1:${socket.address().port}"\nfacility = "local0"\nlabels = { env = "a\\"b" }\nbatch_wait = 0\n`,
  )
  const header = String.raw`1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ bad -`
  await eventually(() => {
    expect(got).toContainEqual(
      expect.stringMatching(new RegExp(`^<134>${header} stdout \\[kahi@32473 .*env="a\\\\"b"\\] out$`)),
    )
    expect(got).toContainEqual(expect.stringMatching(new RegExp(`^<131>${header} stderr .* err$`)))
  })
})

test('mistakes in tables of receivers have places, and quote no address', async () => {
  const file = join(scratch(), 'kahi.toml')
  writeFileSync(file, '[webhooks.a]\nurl = "ftp://host/secret-path"\nevents = ["process-stat.fatal"]\nca = "/x"\n')
  const { exitCode, stderr } = await kahi(['check', file])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('kahi.toml:2:')
  expect(stderr).toContain('did you mean "process-state.fatal"?')
  expect(stderr).not.toContain('secret-path')
})
