// `kahi export TARGET` through dist/kahi: the places of the files, the cases in which no file is written, and the report.

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, scratch } from '../helpers/kahi.ts'

const CONF = `[supervisord]
nodaemon = true

; the web application
[program:web]
command = /srv/web --name "a b" %(ENV_MODE)s
user = www-data
stdout_logfile = /dev/stdout
stdout_logfile_maxbytes = 0
`

function place(text: string): string {
  const folder = scratch()
  writeFileSync(join(folder, 'supervisord.conf'), text)
  return folder
}

test('writes a tree once, with executable scripts and comments; --force writes it again', async () => {
  const cwd = place(CONF)
  const args = ['export', 's6-overlay', 'supervisord.conf', '-o', 'rootfs', '--workdir', '/app']
  const { exitCode, stdout, stderr } = await kahi(args, { cwd, env: { MODE: 'here' } })
  expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 0, stdout: '' })
  expect(stderr).toMatch(/wrote \d+ files to rootfs: read back, it says the same\n$/)
  const web = join(cwd, 'rootfs/etc/s6-overlay/s6-rc.d/web')
  expect(readFileSync(join(web, 'run'), 'utf8')).toBe(
    '#!/command/with-contenv sh\n# the web application\nset -e\ncd /app\nexec s6-setuidgid www-data /srv/web --name \'a b\' "${MODE}"\n',
  )
  expect(statSync(join(web, 'run')).mode & 0o111).toBe(0o111)
  expect(statSync(join(web, 'type')).mode & 0o111).toBe(0)
  writeFileSync(join(web, 'run'), 'changed')
  expect(await kahi(args, { cwd })).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('more files exist') })
  expect(readFileSync(join(web, 'run'), 'utf8')).toBe('changed')
  expect(await kahi([...args, '--force'], { cwd })).toMatchObject({ exitCode: 0 })
  expect(readFileSync(join(web, 'run'), 'utf8')).toContain('exec s6-setuidgid')
  expect(readdirSync(cwd).toSorted()).toEqual(['rootfs', 'supervisord.conf'])
})

test('--strict writes nothing and exits with 1 when something is lost; --json lists it with its place', async () => {
  const cwd = place(`${CONF}stdout_events_enabled = true\n`)
  const args = ['export', 's6-rc', 'supervisord.conf', '-o', 'tree']
  const strict = await kahi([...args, '--strict'], { cwd })
  expect(strict).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('nothing was written: 1 warning') })
  expect(strict.stderr).toContain('supervisord.conf:10:1: warning: s6-rc has nothing like "stdout_events_enabled"')
  expect(existsSync(join(cwd, 'tree'))).toBe(false)
  const { exitCode, stdout } = await kahi([...args, '--json'], { cwd })
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    target: 's6-rc',
    output: 'tree',
    files: expect.arrayContaining(['web/run', 'default/contents.d/web']),
    losses: [{ place: { file: 'supervisord.conf', line: 10, column: 1 } }],
  })
  expect(await kahi(['export', 's6-rc', 'supervisord.conf', '--strict', '--json'], { cwd })).toMatchObject({
    exitCode: 1,
  })
})

test('several files need a directory, an invalid source and a place that cannot be written are refused', async () => {
  const cwd = place(CONF)
  expect(await kahi(['export', 's6-rc', 'supervisord.conf'], { cwd })).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('-o DIR'),
  })
  expect(await kahi(['export', 's6-rc', 'missing.conf', '-o', 'x'], { cwd })).toMatchObject({ exitCode: 2 })
  mkdirSync(join(cwd, 'tree'))
  writeFileSync(join(cwd, 'tree/web'), '')
  const taken = await kahi(['export', 's6-rc', 'supervisord.conf', '-o', 'tree', '--force'], { cwd })
  expect(taken).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('Cannot write tree') })
  expect(readdirSync(cwd).toSorted()).toEqual(['supervisord.conf', 'tree'])
})

test('files that only some may read become files that only they may read', async () => {
  const cwd = place(CONF)
  writeFileSync(join(cwd, 'secret.toml'), '[programs.a]\ncommand = "a"\n', { mode: 0o600 })
  await kahi(['export', 's6-rc', 'secret.toml', '-o', 'tree'], { cwd })
  expect(statSync(join(cwd, 'tree/a/type')).mode & 0o777).toBe(0o600)
  expect(statSync(join(cwd, 'tree/a/run')).mode & 0o777).toBe(0o711)
})

test('files of a service that are not text are copied as bytes, and codes that end the restarts are in finish', async () => {
  const cwd = scratch()
  const bytes = Buffer.from([0, 255, 128, 10])
  mkdirSync(join(cwd, 'service/data'), { recursive: true })
  writeFileSync(join(cwd, 'service/data/key'), bytes)
  writeFileSync(join(cwd, 'service/data/name'), 'text\n')
  const rules = 'restart = { factor = 1, window = 60, no_restart_codes = [3, 4] }'
  const service = `service_files = "${join(cwd, 'service')}"`
  writeFileSync(join(cwd, 'kahi.toml'), `[programs.a]\ncommand = "a"\nautorestart = true\n${rules}\n${service}\n`)
  const { exitCode, stderr } = await kahi(['export', 's6-rc', 'kahi.toml', '-o', 'tree', '--strict'], { cwd })
  expect(exitCode, stderr).toBe(0)
  expect(readFileSync(join(cwd, 'tree/a/data/key'))).toEqual(bytes)
  expect(readFileSync(join(cwd, 'tree/a/data/name'), 'utf8')).toBe('text\n')
  expect(readFileSync(join(cwd, 'tree/a/finish'), 'utf8')).toContain('case $1 in 3 | 4) exit 125 ;; esac\n')
})

test('export supervisord writes into a directory', async () => {
  const cwd = place(CONF)
  for (const name of ['out', 'more']) mkdirSync(join(cwd, name))
  for (const output of ['out', 'more/']) {
    const { exitCode, stderr } = await kahi(['export', 'supervisord', 'supervisord.conf', '-o', output], { cwd })
    expect(exitCode, stderr).toBe(0)
    expect(readFileSync(join(cwd, output, 'supervisord.conf'), 'utf8')).toContain('[program:web]\n')
  }
})
