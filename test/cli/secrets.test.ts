// Secrets of a configuration appear neither in the report of a conversion, nor in messages about a file, nor in logs, nor in answers
// to clients without a password. Each secret here is the word CANARY.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, scratch } from '../helpers/kahi.ts'
import { ask, send, start } from '../helpers/raw-http.ts'

const CONF = `[program:a]
command=sh -c "until nc -z db 5432; do sleep 1; done; LICENSE=CANARY exec app --webhook https://discord.com/api/webhooks/1/CANARY"
environment=LICENSE="CANARY",HOOK="https://hooks.slack.com/services/T/B/CANARY"
[program:b]
command=bash -c "/opt/wait-for-it.sh db:5432 -- openssl enc -aes-256-cbc -k CANARY -in f"
[program:c]
command=sh -c "sleep 5; exec curl -H 'Authorization: Bearer CANARY' https://me:CANARY@x/"
`

test('a report of a conversion shows the lines to write without secrets, and the TOML has them', async () => {
  const folder = scratch()
  writeFileSync(join(folder, 's.conf'), CONF)
  const told = await kahi(['migrate', 's.conf', '-v', '-o', 'k.toml'], { cwd: folder })
  expect(told).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('environment = { LICENSE = "(hidden)", HOOK'),
  })
  expect(told.stderr + told.stdout).not.toContain('CANARY')
  expect(told.stderr).toContain('"openssl", "enc", "-aes-256-cbc", "-k", "(hidden)"')
  expect(readFileSync(join(folder, 'k.toml'), 'utf8').match(/CANARY/g)).toHaveLength(CONF.match(/CANARY/g)?.length ?? 0)
})

test('messages about values do not show secrets', async () => {
  const folder = scratch()
  const file = join(folder, 'k.toml')
  writeFileSync(
    file,
    '[server.http]\nlisten = "me:CANARY@x"\npassword = 123456\n[programs.a]\ncommand = "x"\n' +
      'ready = { http = "ftp://me:CANARY@h/?token=CANARY" }\nenvironment = { LICENSE = CANARY }\n',
  )
  const bare = await kahi(['check', file])
  writeFileSync(file, readFileSync(file, 'utf8').replace('= CANARY }', '= ["CANARY"] }'))
  const { stderr } = await kahi(['check', file])
  expect(bare.stderr + stderr).not.toMatch(/CANARY|123456/)
  expect(stderr).toContain('Cannot read "ready" as readiness: "ftp://me:(hidden)@h/?token=(hidden)" is not an http URL')
  expect(stderr).toContain('Cannot read "password" as text')
})

const SECRET_PROGRAMS = `[programs.a]
command = "sh -c 'exec sleep 1000' --password CANARY"
health = { http = "http://me:CANARY@127.0.0.1:1/?token=CANARY", interval = 0.1, failures = 1 }
[programs.b]
command = "sleep 1000"
ready = { exec = "sh -c 'exit 1' --token CANARY", deadline = 0.5 }
[oneshots.once]
up = "sh -c 'exit 0' --token CANARY"`

test('neither logs and status, nor clients over TCP without a password see secrets', async () => {
  const { daemon, port, socket } = await start(SECRET_PROGRAMS)
  await daemon.line('unhealthy: a: http http://me:(hidden)@127.0.0.1:1/?token=(hidden)')
  await daemon.line("b is not ready after 0.5 seconds (exec sh -c 'exit 1' --token (hidden))")
  const status = await kahi(['ctl', '-s', socket, 'status', '--json'])
  const call = '<methodCall><methodName>supervisor.getAllConfigInfo</methodName></methodCall>'
  const answers = await Promise.all([
    send(port, ask('GET /api/v1/graph', ['Host: localhost'])),
    send(port, ask('GET /api/v1/processes', ['Host: localhost'])),
    send(port, ask('POST /RPC2', ['Host: localhost', 'Connection: close'], call)),
  ])
  expect(answers[0]).toContain('["sh","-c","exit 0","--token","(hidden)"]')
  expect(answers[2]).toContain('--password (hidden)')
  expect([daemon.output(), status.stdout, ...answers].filter((text) => text.includes('CANARY'))).toEqual([])
})
