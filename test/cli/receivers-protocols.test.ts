// The requests of dist/kahi have the documented form of each service; a library reads the requests of OTLP. Waiting events survive
// the daemon process, and dropped events are counted and reported.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { expectShape, type Service } from '../helpers/documented-shapes.ts'
import { startReady } from '../helpers/kahi.ts'
import { otlpAnswer, readOtlpLogs } from '../helpers/otlp.ts'
import { freePort } from '../helpers/raw-http.ts'
import { BAD, receiver, SECRET, setUp } from '../helpers/receiver.ts'
import { eventually } from '../helpers/wait.ts'

/** Texts that a service could misread as markup or syntax, and a very long text. */
const HOSTILE = `<!channel> <@U1> @everyone &amp; "it's" \\ ünï 日本 {{secret}} `

/** Odd lines: the hostile one, an empty one, one with odd bytes, one of JSON, and a very long one. */
const TALK = `echo "$$0"; echo; printf 'a\\tb\\r\\n\\001\\377\\n'; echo '{"level":50}'; head -c 300000 /dev/zero | tr '\\0' x; exec sleep 1000`
const KEY = '0123456789abcdef0123456789abcdef'
const SERVICES = ['standard', 'slack', 'discord', 'teams', 'ntfy', 'pagerduty'] as const satisfies readonly Service[]

test('each format has the documented form, for every kind of event and whatever texts are in it', async () => {
  const server = await receiver()
  const hook = (name: string) =>
    `[webhooks.${name}]\nurl = "${server.url}/${name}"\nformat = "${name}"\nsecret = "${name === 'pagerduty' ? KEY : SECRET}"\nevents = ["*"]\n`
  const { daemon, ctl } = await setUp(
    `${BAD}[programs.sick]
command = "sleep 1000"
startsecs = 0
health = { exec = ${JSON.stringify(['sh', '-c', 'echo "$$0"; exit 1', HOSTILE.repeat(20)])}, interval = 0.05, failures = 1 }
[programs.gone]
command = "/does/not/exist"
startretries = 0
[oneshots.failing]
up = ["sh", "-c", "exit 3"]
${SERVICES.map(hook).join('')}`,
  )
  const subjects = () => server.at('/standard').map(({ body }) => (JSON.parse(body) as { readonly type: string }).type)
  await eventually(() =>
    expect(subjects()).toEqual(
      expect.arrayContaining([
        'process-state.exited-unexpectedly',
        'process-state.fatal',
        'process-exited',
        'health.unhealthy',
        'oneshot-ended.failed',
        'supervisor-state.running',
        'log.warn',
      ]),
    ),
  )
  await ctl('stop', 'sick')
  const { stdout: tested } = await ctl('webhook', 'test', 'teams')
  expect(tested).toBe('teams: sent (status 200)\n')
  daemon.signal('SIGTERM')
  await daemon.ended()
  const count = server.at('/standard').length
  for (const service of SERVICES) {
    const own = server.at(`/${service}`)
    expect(own.length, service).toBe(count + (service === 'teams' ? 1 : 0))
    for (const one of own) {
      expectShape(service, one)
      expect(`${one.body}${JSON.stringify(one.headers)}`, service).not.toContain(SECRET)
      // the library reads JSON only, and PagerDuty has no signature
      if (service === 'pagerduty' || service === 'ntfy') continue
      new Webhook(SECRET).verify(one.body, one.headers as Record<string, string>)
    }
  }
  const actions = server.at('/pagerduty').map(({ body }) => JSON.parse(body) as Readonly<Record<string, unknown>>)
  const trigger = actions.find(
    ({ dedup_key: key, event_action: action }) => String(key).endsWith('/sick/health') && action === 'trigger',
  )
  expect(trigger).toBeDefined()
})

test('Loki and OTLP get requests of their protocol; what the server rejects is counted', async () => {
  const server = await receiver(() => 200, { answer: (path) => (path === '/v1/logs' ? otlpAnswer(2) : '') })
  const { ctl } = await setUp(
    `${BAD}[programs.talk]
command = ${JSON.stringify(['sh', '-c', TALK, HOSTILE])}
startsecs = 0
[log_targets.loki]
kind = "loki"
url = "${server.url}"
labels = { job = "kahi", env = "test" }
batch_wait = 0.05
[log_targets.otlp]
kind = "otlp"
url = "${server.url}"
labels = { "deployment.environment.name" = "test" }
batch_wait = 0.05
`,
  )
  const loki = () =>
    server.at('/loki/api/v1/push').flatMap((one) => {
      const { streams } = expectShape('loki', one) as {
        streams: { stream: Record<string, string>; values: [string, string][] }[]
      }
      return streams.flatMap(({ stream, values }) => values.map(([at, line]) => ({ ...stream, at, line })))
    })
  const otlp = () =>
    server.at('/v1/logs').flatMap(({ body }) =>
      readOtlpLogs(body).resourceLogs.flatMap(({ resource: { attributes }, scopeLogs }) =>
        scopeLogs.flatMap(({ scope, logRecords }) =>
          logRecords.map((record) => ({
            scope: scope.name,
            line: record.body.stringValue,
            level: record.severityText.toLowerCase(),
            number: record.severityNumber,
            at: record.timeUnixNano,
            ...Object.fromEntries(
              [...attributes, ...record.attributes].map(({ key, value }) => [key, value.stringValue]),
            ),
          })),
        ),
      ),
    )
  const isLong = ({ line }: { readonly line: string }) => line.startsWith('xxxx')
  await eventually(() => {
    expect(
      loki()
        .filter(isLong)
        .reduce((sum, { line }) => sum + line.length, 0),
    ).toBeGreaterThan(200_000)
    expect(
      otlp()
        .filter(isLong)
        .reduce((sum, { line }) => sum + line.length, 0),
    ).toBeGreaterThan(200_000)
  })
  for (const lines of [loki(), otlp()]) {
    const times = lines.map(({ at }) => at)
    expect(new Set(times).size).toBe(times.length)
    expect(lines.find(({ line }) => line === 'a\tb')).toBeDefined()
    expect(lines.find(({ line }) => line === '{"level":50}')).toMatchObject({ level: 'error' })
    expect(lines.find(({ line }) => line === 'err')).toMatchObject({ level: 'error' })
    expect(lines.some(({ line }) => line === '')).toBe(false)
  }
  expect(loki().find(({ line }) => line === 'out')).toMatchObject({
    job: 'kahi',
    env: 'test',
    program: 'bad',
    stream: 'stdout',
  })
  expect(otlp().find(({ line }) => line === 'err')).toMatchObject({
    scope: 'kahi',
    number: 17,
    'service.name': 'bad',
    'log.iostream': 'stderr',
    'deployment.environment.name': 'test',
  })
  await eventually(async () => expect((await ctl('log-target')).stdout).toMatch(/^otlp .* dropped [1-9]/m))
})

test('events that wait in a directory outlive a killed daemon, with their ids and their order', async () => {
  const port = await freePort()
  const events = 'events = ["process-state.exited-unexpectedly"]'
  const { daemon, file, ctl, folder } = await setUp(
    `${BAD}[webhooks.kept]
url = "http://127.0.0.1:${port}/kept"
secret = "${SECRET}"
${events}
queue_directory = "DIR/queue"
`,
  )
  const queued = async (count: number) =>
    eventually(() => {
      const lines = readFileSync(join(folder, 'queue/kept.webhook'), 'utf8').split('\n')
      expect(lines.filter((line) => line.startsWith('+')).length).toBe(count)
    })
  await queued(1)
  await ctl('start', 'bad')
  await queued(2)
  const ids = readFileSync(join(folder, 'queue/kept.webhook'), 'utf8').match(/msg_[0-9a-f-]{36}/g)
  daemon.signal('SIGKILL')
  await daemon.ended()
  const server = await receiver(() => 200, { port })
  await startReady(file)
  await eventually(() => expect(server.at('/kept').length).toBeGreaterThanOrEqual(3))
  const got = server.at('/kept').map(({ headers }) => headers['webhook-id'])
  expect(got.slice(0, 2)).toEqual([...new Set(ids)])
  expect(new Set(got).size).toBe(got.length)
  for (const { body, headers } of server.at('/kept'))
    new Webhook(SECRET).verify(body, headers as Record<string, string>)
})

test('a flood of events holds up nothing: the queue is full, the rest is counted and said once', async () => {
  const server = await receiver(() => 503)
  const { ctl, daemon } = await setUp(
    `[programs.quick]
command = "true"
startsecs = 0
autorestart = true
[webhooks.small]
url = "${server.url}/small"
events = ["*"]
queue_size = 5
`,
  )
  await eventually(async () => {
    const { stdout } = await ctl('webhook')
    const [, dropped, queued] = /^small {2}failing .* dropped (\d+), queued (\d+)/m.exec(stdout) ?? []
    expect(queued).toBe('5')
    expect(Number(dropped)).toBeGreaterThan(100)
  })
  expect(daemon.output().match(/webhook small: /g)?.length).toBe(1)
})
