// `kahi init` through dist/kahi: the file that it writes is valid, and its programs run.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, scratch, startDaemon } from '../helpers/kahi.ts'

test('the short file has two programs, runs, and is never replaced without --force', async () => {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  expect(await kahi(['init'], { cwd: folder })).toMatchObject({ exitCode: 0, stderr: '' })
  expect(readFileSync(file, 'utf8').trim().split('\n').length).toBeLessThanOrEqual(15)
  expect(await kahi(['check', 'kahi.toml'], { cwd: folder })).toMatchObject({
    exitCode: 0,
    stdout: 'kahi.toml is valid: 2 processes (clock, web)\n',
    stderr: '',
  })
  expect(await kahi(['init'], { cwd: folder })).toMatchObject({ exitCode: 2 })
  writeFileSync(file, `[server.unix]\nfile = "${folder}/k.sock"\n${readFileSync(file, 'utf8')}`)
  const daemon = startDaemon(['daemon', '-c', file], { cwd: folder })
  await daemon.line('listening on port 8000')
  daemon.signal('SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
})

test('--full explains every key', async () => {
  const folder = scratch()
  expect((await kahi(['init', '--full'], { cwd: folder })).exitCode).toBe(0)
  expect((await kahi(['check', 'kahi.toml'], { cwd: folder })).stdout).toContain('2 processes (clock, reader)')
})

test('a Procfile becomes a program for each line', async () => {
  const folder = scratch()
  writeFileSync(
    join(folder, 'Procfile'),
    '# comment\nweb: sh serve.sh -p $PORT\nplain: sleep 1000\nboth: true && RAILS=1 sleep 1\nset: A=1 sleep 1\n',
  )
  const { stdout, exitCode } = await kahi(['init', '--from', 'Procfile', '--stdout'], { cwd: folder })
  expect({ exitCode, lines: stdout.match(/^command = .*$/gm) }).toEqual({
    exitCode: 0,
    lines: [
      'command = ["/bin/sh", "-c", "exec sh serve.sh -p $PORT"]',
      'command = ["sleep", "1000"]',
      'command = ["/bin/sh", "-c", "true && RAILS=1 sleep 1"]',
      'command = ["/bin/sh", "-c", "A=1 sleep 1"]',
    ],
  })
  writeFileSync(join(folder, 'Procfile'), 'web sleep\nworker: a\nworker: b\n')
  const wrong = await kahi(['init', '--from', 'Procfile'], { cwd: folder })
  expect(wrong).toMatchObject({
    exitCode: 2,
    stderr: 'Procfile:1:1: error: This line is not NAME: COMMAND\nProcfile:3:1: error: "worker" is defined twice\n',
  })
  expect(existsSync(join(folder, 'kahi.toml'))).toBe(false)
  expect((await kahi(['init', '--from', 'no-such'], { cwd: folder })).exitCode).toBe(2)
})

const COMPOSE = `# a shop
services:
  web:
    build: .
    command: node server.js --port \${PORT:-8000} --rate 50%
    environment:
      MODE: production
      PRICE: "$$5"
      EMPTY:
    ports: ["8000:8000"]
    depends_on:
      db: { condition: service_healthy }
      cache: { condition: service_started }
      migrate: { condition: service_completed_successfully }
    restart: unless-stopped
    stop_grace_period: 1m30s
  db:
    image: postgres:16
    command: ["postgres", "-c", "fsync=off"]
    user: "0"
    healthcheck: { test: ["CMD-SHELL", "pg_isready -U $$USER"], interval: 5s, retries: 5 }
    deploy: { replicas: 2 }
  cache: { image: "redis:7" }
  migrate: { image: shop, entrypoint: /bin/migrate, command: [up], env_file: [.env, { path: more.env, required: false }] }
`

test('a Compose file becomes a program or oneshot for each service whose command it names', async () => {
  const folder = scratch()
  writeFileSync(join(folder, 'compose.yaml'), COMPOSE)
  const { stdout, stderr, exitCode } = await kahi(['init', '--from', 'compose.yaml', '--stdout'], { cwd: folder })
  expect({ exitCode, stderr }).toEqual({
    exitCode: 0,
    stderr: `compose.yaml:23:10: warning: "cache" is left out: its command is in the image redis:7, not in this file
  hint: write [programs.cache] with its command, and add it to depends_on of those that need it
`,
  })
  expect(stdout).toBe(`# not taken over: ports
[programs.web]
command = ["node", "server.js", "--port", "\${PORT:-8000}", "--rate", "50%%"]
environment = { MODE = "production", PRICE = "$$5" }
autorestart = true
stopwaitsecs = 90
depends_on = ["db", "migrate"]

[programs.db]
command = ["postgres", "-c", "fsync=off"]
user = "0"
autorestart = false
numprocs = 2
process_name = "db_%(process_num)02d"
ready = { exec = ["/bin/sh", "-c", "pg_isready -U $$USER"], interval = 1 }
health = { exec = ["/bin/sh", "-c", "pg_isready -U $$USER"], interval = 5, failures = 5 }

[oneshots.migrate]
up = ["/bin/migrate", "up"]
env_file = [".env", { path = "more.env", optional = true }]

# [programs.cache]
# command = "…" # the command of the image redis:7
`)
  writeFileSync(join(folder, '.env'), 'A=1\n')
  await kahi(['init', '--from', 'compose.yaml'], { cwd: folder })
  expect((await kahi(['check'], { cwd: folder })).stdout).toBe(
    './kahi.toml is valid: 3 processes (db:db_00, db:db_01, web), 1 oneshot (migrate)\n',
  )
})

test.each([
  ['services: [a]\n', 'compose.yaml:1:1: error: The file has no "services"'],
  [
    'services:\n  a: 5\n  b: { command: "x \'y" }\n',
    'compose.yaml:3:6: error: "command" of the service "b": No closing quotation',
  ],
  ['services:\n\ta: {}\n', 'compose.yaml:2:1: error: Tabs are not allowed as indentation'],
])('mistakes of a Compose file have their place: %j', async (text, message) => {
  const folder = scratch()
  writeFileSync(join(folder, 'compose.yaml'), text)
  const { stderr, exitCode } = await kahi(['init', '--from', 'compose.yaml'], { cwd: folder })
  expect(exitCode).toBe(2)
  expect(stderr).toContain(message)
  expect(existsSync(join(folder, 'kahi.toml'))).toBe(false)
})

test('commands become programs; the report of check names the file that it found', async () => {
  const folder = scratch()
  expect((await kahi(['check'], { cwd: folder, env: { KAHI_CONFIG: '' } })).stderr).toContain('kahi init')
  const made = await kahi(['init', '--from', 'sleep 1000', 'sleep 100%', 'sh -c "exit 3"'], { cwd: folder })
  expect(made).toMatchObject({ exitCode: 0, stderr: '' })
  expect(readFileSync(join(folder, 'kahi.toml'), 'utf8')).toBe(
    `[programs.sleep]\ncommand = "sleep 1000"\n\n[programs.sleep-2]\ncommand = "sleep 100%%"\n\n[programs.sh]\ncommand = 'sh -c "exit 3"'\n`,
  )
  expect((await kahi(['init', '--from', 'supervisord.conf', '--force'], { cwd: folder })).stderr).toContain(
    'kahi migrate',
  )
})
