// `kahi export systemd` through dist/kahi: from a supervisord.conf, an s6 tree and a kahi.toml to units in which
// systemd-analyze finds nothing.

import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, root, scratch } from '../helpers/kahi.ts'
import { noVerify, verifyUnits } from '../helpers/systemd-verify.ts'

const CONF = `[supervisord]
nodaemon = true

; the web application
[program:web]
command = /srv/web --name "a b" --load 50%% %(ENV_MODE)s
user = www-data
environment = COLOR="blue",API_TOKEN="s3cret"
autorestart = unexpected
exitcodes = 0,3
stopsignal = QUIT
stopwaitsecs = 20
stdout_logfile = /var/log/web.log

[program:work]
command = /srv/work
numprocs = 2
process_name = %(program_name)s_%(process_num)d
`

if (noVerify !== undefined) console.warn(`${noVerify}: units are not verified`)

function expectVerified(directory: string): void {
  if (noVerify === undefined) expect(verifyUnits(directory)).toBe('')
}

test('a supervisord.conf becomes units that say the same', async () => {
  const cwd = scratch()
  writeFileSync(join(cwd, 'supervisord.conf'), CONF)
  const args = ['export', 'systemd', 'supervisord.conf', '-o', 'files', '--name', 'shop']
  const { exitCode, stderr } = await kahi(args, { cwd, env: { MODE: 'here' } })
  expect(exitCode, stderr).toBe(0)
  expect(stderr).toMatch(/wrote \d+ files to files: read back, it says the same\n$/)
  expect(stderr).not.toContain('s3cret')
  const units = join(cwd, 'files/etc/systemd/system')
  const web = readFileSync(join(units, 'web.service'), 'utf8')
  expect(web).toContain('ExecStart=/srv/web --name "a b" --load "50%%" "${MODE}"\n')
  expect(web).toContain('RestartPreventExitStatus=0 3\nSuccessExitStatus=3\nKillSignal=SIGQUIT\nTimeoutStopSec=20\n')
  expect(web).toContain('User=www-data\nEnvironment=COLOR=blue\n')
  expect(web).toContain('StandardOutput=append:/var/log/web.log\n')
  expect(readFileSync(join(cwd, 'files/etc/shop/web.env'), 'utf8')).toBe('API_TOKEN=s3cret\n')
  expect(statSync(join(cwd, 'files/etc/shop/web.env')).mode & 0o777).toBe(0o600)
  expect(readFileSync(join(units, 'work.target'), 'utf8')).toContain('Wants=work_0.service\nWants=work_1.service\n')
  expectVerified(join(cwd, 'files'))
  expect(await kahi(args, { cwd })).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('more files exist') })
})

test('a tree of s6-rc becomes units', async () => {
  const cwd = scratch()
  const tree = join(root, 'fixtures/s6-rc/onetimesecret/input')
  const { exitCode, stderr } = await kahi(['export', 'systemd', tree, '-o', 'files'], { cwd })
  expect(exitCode, stderr).toBe(0)
  const web = readFileSync(join(cwd, 'files/etc/systemd/system/web.service'), 'utf8')
  expect(web).toContain('Requires=redis-ready.service config-check.service\n')
  expect(web).toContain('StartLimitIntervalSec=0\n')
  expectVerified(join(cwd, 'files'))
})

test('a kahi.toml becomes units, and --strict refuses what is lost', async () => {
  const cwd = scratch()
  mkdirSync(join(cwd, 'd'))
  const text = '[programs.db]\ncommand = "/srv/db"\nready = { notify = true }\nlimits = { nofile = "100:200" }\n'
  writeFileSync(join(cwd, 'kahi.toml'), `${text}nice = 5\n`)
  const { exitCode, stderr } = await kahi(['export', 'systemd', 'kahi.toml', '-o', 'd', '--strict'], { cwd })
  expect(exitCode, stderr).toBe(0)
  const db = readFileSync(join(cwd, 'd/etc/systemd/system/db.service'), 'utf8')
  expect(db).toContain('Type=notify\nNotifyAccess=all\n')
  expect(db).toContain('Nice=5\nLimitNOFILE=100:200\n')
  expectVerified(join(cwd, 'd'))
  writeFileSync(join(cwd, 'kahi.toml'), `${text}pdeathsig = "TERM"\n`)
  expect(await kahi(['export', 'systemd', 'kahi.toml', '-o', 'e', '--strict'], { cwd })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('kahi.toml:5:1: warning: systemd has nothing like "pdeathsig"'),
  })
})

test('what [supervisord] gave all programs is a drop-in of each service, unless the program has its own', async () => {
  const cwd = scratch()
  const conf = `[supervisord]\nminfds = 65535\nminprocs = 10000\numask = 002\n[program:web]\ncommand = /srv/web\n[program:work]\ncommand = /srv/work\numask = 077\n`
  writeFileSync(join(cwd, 'supervisord.conf'), conf)
  const args = ['export', 'systemd', 'supervisord.conf', '-o', 'files']
  const { exitCode, stderr } = await kahi(args, { cwd })
  expect(exitCode, stderr).toBe(0)
  const dropIn = (name: string): string =>
    readFileSync(join(cwd, `files/etc/systemd/system/${name}.service.d/10-supervisord.conf`), 'utf8')
  const limits = '[Service]\nLimitNOFILE=65535:524288\nLimitNPROC=10000\n'
  expect(dropIn('web')).toBe(`# What [supervisord] said for all programs.\n${limits}UMask=0002\n`)
  expect(dropIn('work')).toBe(`# What [supervisord] said for all programs.\n${limits}`)
  expectVerified(join(cwd, 'files'))
})
