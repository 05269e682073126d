// The output at 80 columns: help, check, status, apply and the report of migrate, without a terminal and at a terminal with colours.
// The texts are in fixtures/output; KAHI_GOLDEN=write rewrites them. Numbers that differ between runs are replaced.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, kahiPath, root, scratch, startReady } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'

const hasScript = spawnSync('script', ['--version']).status === 0

const PROGRAMS = `[server.unix]
file = "k.sock"

[programs.db]
command = "sleep 1000"
ready = { exec = ["true"] }

[programs.broken]
command = ["/bin/sh", "-c", "echo no configuration >&2; exit 3"]
startretries = 1

[programs.flaky]
command = ["/bin/sh", "-c", "test -e went && exec sleep 1000; touch went; exit 4"]
startsecs = 0
autorestart = true

[programs.later]
command = "sleep 1000"
depends_on = ["gate"]

[programs.gate]
command = "sleep 1000"
ready = { file = "open" }

[programs.a-program-with-quite-a-long-name]
command = "sleep 1000"
autostart = false

[oneshots.migrate]
up = "true"
`

const MISTAKES = `[programs.web]
comand = "sleep 1000"
stopsignal = "TREM"
environment = { PORT = [1] }

[programs.worker]
command = "sleep 1000 | cat"
depends_on = ["wbe"]
`

const CONF = `[supervisord]
nodaemon=true
[program:web]
command=/bin/sleep 1000
loglevel=debug
[program:cron]
command=/bin/sh -c "while true; do sleep 3600; /bin/true; done"
autostart=true
[inet_http_server]
port=127.0.0.1:9001
`

/** What kahi writes to both streams, and its exit code. */
async function shown(args: readonly string[], cwd: string, onTerminal: boolean): Promise<string> {
  const env = { NO_COLOR: undefined, COLUMNS: undefined, TERM: 'xterm' }
  if (!onTerminal) {
    const { stdout, stderr, exitCode } = await kahi(args, { cwd, env })
    return clean(`${stdout}${stderr}exit code ${exitCode}\n`, cwd)
  }
  const command = `stty cols 80 rows 24; ${kahiPath} ${args.join(' ')}; echo exit code $?`
  const { stdout } = await kahi(['-qfc', command, '/dev/null'], { program: 'script', cwd, env })
  return clean(stdout.replaceAll('\r\n', '\n'), cwd)
}

function clean(text: string, folder: string): string {
  return text
    .replaceAll(folder, 'DIR')
    .replaceAll(/pid \d+/g, 'pid N')
    .replaceAll(/uptime \d:\d\d:\d\d/g, 'uptime 0:00:00')
    .replaceAll(/status 4, \d+ s ago/g, 'status 4, 0 s ago')
    .replaceAll(/[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M/g, 'Jan 01 12:00 AM')
    .replaceAll(/(times in|within) \d+ s/g, '$1 1 s')
}

function compare(name: string, text: string): void {
  const file = join(root, 'fixtures/output', name)
  if (process.env.KAHI_GOLDEN === 'write') writeFileSync(file, text)
  expect(text).toBe(existsSync(file) ? readFileSync(file, 'utf8') : '')
  // Places and texts of a report are too long for lines to be broken; without a terminal status has supervisorctl's columns.
  if (!/^help|^(?:status|stop)\.terminal$/.test(name)) return
  const visible = text.replaceAll(/\x1b\[[\d;]*m/g, '').split('\n')
  expect(visible.filter((line) => line.length > 80)).toEqual([])
}

for (const [kind, onTerminal] of [
  ['plain', false],
  ['terminal', true],
] as const) {
  test.skipIf(onTerminal && !hasScript)(`help, ${kind} (a terminal needs script of util-linux)`, async () => {
    const folder = scratch()
    const pages = [['--help'], ['ctl', '--help'], ['migrate', '--help'], ['ctl', 'status', '--help']]
    for (const words of pages)
      compare(`help-${words.slice(0, -1).join('-') || 'kahi'}.${kind}`, await shown(words, folder, onTerminal))
  })

  test.skipIf(onTerminal && !hasScript)(
    `check and migrate, ${kind} (a terminal needs script of util-linux)`,
    async () => {
      const folder = scratch()
      writeFileSync(join(folder, 'kahi.toml'), MISTAKES)
      writeFileSync(join(folder, 'supervisord.conf'), CONF)
      compare(`check.${kind}`, await shown(['check', 'kahi.toml'], folder, onTerminal))
      const words = ['migrate', 'supervisord.conf', '-o', 'new.toml']
      compare(`report.${kind}`, await shown(words, folder, onTerminal))
    },
  )

  test.skipIf(onTerminal && !hasScript)(`status, ${kind} (a terminal needs script of util-linux)`, async () => {
    const folder = scratch()
    writeFileSync(join(folder, 'kahi.toml'), PROGRAMS)
    const daemon = await startReady(join(folder, 'kahi.toml'), { cwd: folder })
    const status = async () => (await kahi(['ctl', 'status'], { cwd: folder })).stdout
    await eventually(async () => expect(await status()).toMatch(/broken +FATAL/))
    await eventually(async () => expect(await status()).toMatch(/flaky +RUNNING .* 1 exit/))
    await eventually(async () => expect(await status()).toMatch(/migrate +EXITED/))
    await eventually(async () => expect(await status()).toMatch(/gate .* not ready: file \S+: /))
    await eventually(async () => expect(await status()).not.toContain('not ready: exec'))
    compare(`status.${kind}`, await shown(['ctl', 'status'], folder, onTerminal))
    compare(`stop.${kind}`, await shown(['ctl', 'stop', 'gate', 'nothing'], folder, onTerminal))
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  })
}
