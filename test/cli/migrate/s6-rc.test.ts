// `kahi migrate`, `check` and `daemon` on trees of s6-rc, through dist/kahi.

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { kahi, root, scratch, startReady } from '../../helpers/kahi.ts'

const FIXTURES = join(root, 'fixtures/s6-rc')

function plant(files: Readonly<Record<string, string>>): string {
  const tree = join(scratch(), 's6-rc.d')
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, name)), { recursive: true })
    writeFileSync(join(tree, name), text)
    if (name.endsWith('/run')) chmodSync(join(tree, name), 0o755)
  }
  return tree
}

const PLAIN = {
  'ready/type': 'oneshot\n',
  'ready/up': 'true\n',
  'web/type': 'longrun\n',
  'web/dependencies.d/ready': '',
  'web/run': '#!/bin/sh\necho started $1 in ${PWD##*/}\nexec sleep 1000\n',
  'default/type': 'bundle\n',
  'default/contents': 'web\n',
}

describe('migrate', () => {
  test('writes what was read back and compared, and names what is lost', async () => {
    const output = join(scratch(), 'kahi.toml')
    const { exitCode, stderr } = await kahi(['migrate', join(FIXTURES, 'onetimesecret/input'), '-o', output])
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/config-check\/up:6:21: warning: s6-cat reads only/)
    expect(stderr).toMatch(/3 programs, 5 oneshots and 4 bundles from \d+ files: /)
    expect(stderr).toContain('read back, it runs the same')
    const text = readFileSync(output, 'utf8')
    expect(text).toContain('depends_on = ["redis-ready", "config-check"]')
    expect((await kahi(['check', '--assume-image', output])).exitCode).toBe(0)
  })

  test('--base lays the tree over others, before or behind the path; without it the names are unknown', async () => {
    const [input, base] = [join(FIXTURES, 'layers/input'), join(FIXTURES, 'layers/base')]
    const alone = await kahi(['migrate', input])
    expect(alone.exitCode).toBe(2)
    expect(alone.stderr).toMatch(/init-config-end:1:1: error: init-config-end has no file "type"/)
    const behind = await kahi(['migrate', input, '--base', base])
    const before = await kahi(['migrate', '--base', base, input])
    expect(behind).toMatchObject({ exitCode: 0 })
    expect(behind.stdout).toContain(`command = ["${input}/svc-cron/run", "svc-cron"]`)
    expect(before.stdout).toBe(behind.stdout)
  })

  test('relative paths mean what absolute ones mean', async () => {
    const tree = plant(PLAIN)
    const { exitCode, stderr } = await kahi(['migrate', 's6-rc.d', '-o', 'kahi.toml'], { cwd: dirname(tree) })
    expect(stderr).toContain('read back, it runs the same')
    expect(exitCode).toBe(0)
    expect(readFileSync(join(tree, '../kahi.toml'), 'utf8')).toContain(`command = ["${tree}/web/run", "web"]`)
  })

  test('several sources share their names; what two define is refused', async () => {
    const one = plant(PLAIN)
    const two = plant({ 'late/type': 'longrun\n', 'late/run': '#!/bin/sh\n', 'late/dependencies': 'web\n' })
    expect((await kahi(['migrate', one, two])).stdout).toContain('[programs.late]')
    const twice = await kahi(['migrate', one, plant(PLAIN)])
    expect(twice.exitCode).toBe(2)
    expect(twice.stderr).toContain('error: web is defined twice')
  })

  test('--inline puts scripts into the TOML, --at names them where they will lie', async () => {
    const tree = plant(PLAIN)
    const inline = await kahi(['migrate', '--inline', tree])
    expect(inline.stdout).toContain("exec sleep 1000\n''', ")
    expect(inline.stdout).not.toContain('directory')
    const moved = await kahi(['migrate', '--at', '/etc/s6-rc', tree])
    expect(moved.stdout).toContain('command = ["/etc/s6-rc/web/run", "web"]')
  })

  test('the report has every line; --base is refused for supervisord.conf', async () => {
    const tree = plant(PLAIN)
    const { stderr } = await kahi(['migrate', '--dry-run', '--report', 'json', tree])
    const report = JSON.parse(stderr) as { readonly lines: readonly unknown[]; readonly valid: boolean }
    expect(report).toMatchObject({ valid: true })
    expect(report.lines).toHaveLength(8)
    const conf = join(scratch(), 'supervisord.conf')
    writeFileSync(conf, '[supervisord]\n')
    expect((await kahi(['migrate', conf, '--base', tree])).stderr).toContain(
      'is a supervisord.conf: --base does not apply to it',
    )
  })
})

test('check reads a tree, and the daemon runs it', async () => {
  const tree = plant(PLAIN)
  expect((await kahi(['check', tree])).stdout).toContain('is valid: 1 process (web)')
  const toml = join(scratch(), 'kahi.toml')
  await kahi(['migrate', tree, '-o', toml])
  writeFileSync(toml, `${readFileSync(toml, 'utf8')}\n[server.unix]\nfile = "${join(dirname(toml), 's.sock')}"\n`)
  const daemon = await startReady(toml)
  await daemon.line('started web in web')
  daemon.signal('SIGTERM')
  expect((await daemon.ended()).exitCode).toBe(0)
})
