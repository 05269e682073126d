// Keys of [supervisor].

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { kahi, startReady } from '../../helpers/kahi.ts'
import { eventually } from '../../helpers/wait.ts'
import { type Check, says, supervisor } from './declare.ts'

supervisor(
  'identifier childlogdir',
  'identifier = "lab"\nchildlogdir = "DIR/sub"',
  async ({ folder, daemon }) => {
    await daemon.line("spawned: 'p'")
    expect(readdirSync(join(folder, 'sub'))).toEqual([expect.stringMatching(/^p-stdout---lab-.{8}\.log$/)])
  },
  '[programs.p]\ncommand = "/bin/sleep 1000"\nstdout_logfile = "AUTO"',
)
for (const [layout, bytes] of [
  ['s6', 43],
  ['s6-2.10', 35],
] as const) {
  const body = `scan_directory = "DIR/scan"\nscan_layout = "${layout}"`
  const check: Check = async ({ folder }) => {
    const status = join(folder, 'scan/p/supervise/status')
    await eventually(() => existsSync(status) && readFileSync(status).readBigUInt64BE(24) > 0n, 'a pid in the status')
    expect(statSync(status).size).toBe(bytes)
  }
  supervisor('scan_directory scan_layout', body, check, undefined, { needsHelper: true })
}

supervisor('nocleanup', 'nocleanup = true\nchildlogdir = "DIR/sub"', async ({ folder, daemon }) => {
  writeFileSync(join(folder, 'sub/p-stdout---supervisor-abcdefgh.log'), '')
  daemon.signal('SIGTERM')
  await daemon.ended()
  const again = await startReady(join(folder, 'kahi.toml'), { cwd: folder })
  expect(readdirSync(join(folder, 'sub'))).toContain('p-stdout---supervisor-abcdefgh.log')
  again.signal('SIGTERM')
  await again.ended()
})
supervisor(
  'environment',
  'environment = { A = "everywhere" }',
  says('A is everywhere, everywhere'),
  `[programs.p]\ncommand = "/bin/sh -c 'echo A is $A, %(ENV_A)s; exec sleep 1000'"`,
)
supervisor(
  'logfile logfile_maxbytes logfile_backups',
  'logfile = "DIR/k.log"\nlogfile_maxbytes = 100\nlogfile_backups = 1',
  async ({ folder, daemon }) => {
    await daemon.line('success: p entered RUNNING')
    expect(
      readdirSync(folder)
        .filter((name) => name.startsWith('k.log'))
        .sort(),
    ).toEqual(['k.log', 'k.log.1'])
  },
)
supervisor('log_level log_format', 'log_level = "debug"\nlog_format = "text"', async ({ daemon, ctl }) => {
  await ctl('stop', 'p')
  await daemon.line(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} DEBG /)
})
const SPEAKER = `[programs.p]\ncommand = "/bin/sh -c 'echo spoken; exec sleep 1000'"`
for (const [body, line] of [
  ['output_format = "raw"', /^spoken$/],
  ['output_format = "prefix"', /^\d{4}-\d\d-\d\d [\d:,]+ \[p\] spoken$/],
  [
    'output_format = "json"\nlog_format = "text"',
    /^\{"time":"[^"]+","program":"p","stream":"stdout","message":"spoken"\}$/,
  ],
  ['log_format = "text"', /^\d{4}-\d\d-\d\d [\d:,]+ \[p\] spoken$/],
  ['log_format = "json"', /^\{"time":"[^"]+","program":"p","stream":"stdout","message":"spoken"\}$/],
] as const) {
  const check: Check = async ({ daemon, ctl }) => {
    await daemon.line(line)
    expect(await ctl('tail', 'p')).toBe('spoken\n\n')
  }
  supervisor('output_format', body, check, SPEAKER)
}
supervisor(
  'environment_directory environment_newline exit_code_file',
  'environment_directory = "DIR/env"\nenvironment_newline = false\nexit_code_file = "DIR/results/code"',
  async ({ folder, daemon }) => {
    await daemon.line(/"message":"0"/)
    await daemon.line('yes')
    expect(readFileSync(join(folder, 'env/PATH'), 'utf8')).toBe(process.env.PATH)
    expect(existsSync(join(folder, 'env/KAHI_ARGV0'))).toBe(false)
    expect(readFileSync(join(folder, 'results/code'), 'utf8')).toBe('0\n')
    writeFileSync(join(folder, 'results/code'), '300\nnot read\n')
  },
  `[programs.p]\ncommand = ["/bin/sh", "-c", "env | grep -c FROM_OUTSIDE; cat DIR/env/FROM_OUTSIDE; echo; exec sleep 1000"]`,
  { ends: 300 & 255 },
)
supervisor(
  'halt_directory',
  'halt_directory = "DIR/bin"',
  async ({ folder, daemon }) => {
    await daemon.line("spawned: 'p'")
    for (const name of ['poweroff', 'reboot']) expect(statSync(join(folder, 'bin', name)).mode & 0o777).toBe(0o755)
    expect((await kahi([], { program: join(folder, 'bin/halt') })).exitCode).toBe(0)
    await daemon.ended()
  },
  undefined,
  { ends: 0 },
)
supervisor('pidfile', 'pidfile = "DIR/k.pid"', async ({ folder, daemon, ctl }) => {
  expect(readFileSync(join(folder, 'k.pid'), 'utf8')).toBe(`${(await ctl('pid')).trim()}\n`)
  daemon.signal('SIGTERM')
  await daemon.ended()
  expect(existsSync(join(folder, 'k.pid'))).toBe(false)
})
supervisor(
  'user',
  'user = "nobody"',
  says('ids 65534'),
  `[server.unix]\nfile = "/tmp/kahi-test-${process.pid}.sock"\n[programs.p]\ncommand = "/bin/sh -c 'echo ids $(id -u); exec sleep 1000'"`,
  { needsRoot: true },
)
supervisor(
  'minfds minprocs',
  'minfds = 300\nminprocs = 10',
  async ({ daemon }) => {
    await daemon.line('Increased RLIMIT_NOFILE limit to 300')
    await daemon.line('files 300')
  },
  `[programs.p]\ncommand = "/bin/sh -c 'echo files $(ulimit -Sn); exec sleep 1000'"`,
  { nofile: '200' },
)
supervisor(
  'strip_ansi',
  'strip_ansi = true',
  says('"message":"red"'),
  `[programs.p]\ncommand = "/bin/sh -c 'printf \\"\\\\033[31mred\\\\033[0m\\\\n\\"; exec sleep 1000'"`,
)
supervisor(
  'kill_grace',
  'kill_grace = 1000',
  async ({ daemon }) => {
    await daemon.line(/"message":"up"/)
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('"message":"bye"') })
  },
  `[programs.p]\ncommand = ["/bin/sh", "-c", '''sh -c 'trap "sleep 0.3; echo bye; exit" TERM; echo up; while :; do sleep 0.05; done' & exec sleep 1000''']`,
)
supervisor(
  'shutdown_timeout',
  'shutdown_timeout = 1',
  async ({ daemon }) => {
    await daemon.line(/"message":"up"/)
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  },
  `[programs.p]\ncommand = "/bin/sh -c 'trap : TERM; echo up; while :; do sleep 0.1; done'"\nstopwaitsecs = 1000`,
)
supervisor(
  'silent',
  'silent = true\nlogfile = "DIR/k.log"',
  async ({ folder, daemon }) => {
    expect(daemon.output()).toMatch(/^\{[^\n]*"message":"p is up"\}$/)
    expect(readFileSync(join(folder, 'k.log'), 'utf8')).toContain("spawned: 'p'")
  },
  `[programs.p]\ncommand = "/bin/sh -c 'echo p is up; exec sleep 1000'"`,
  { begins: 'p is up' },
)
