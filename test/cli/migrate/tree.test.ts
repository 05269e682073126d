// `kahi migrate DIR --out DIR` through dist/kahi.

import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, kahiPath, scratch } from '../../helpers/kahi.ts'

const TREE = {
  'a/supervisord.conf': '[supervisord]\n[include]\nfiles = conf.d/*.conf\n',
  'a/conf.d/web.conf': '[program:web]\ncommand = %(here)s/web\n',
  'b/broken.conf': '[supervisord]\n[program:x]\ncommand=x\nstartsecs=soon\n',
  'b/job.conf': '[supervisord]\n[program:job]\ncommand = job\nunknown = 1\n',
  'b/job.ini': '[program:job]\ncommand = job\n',
  'b/nginx.conf': 'server { listen 80; }\n',
  'b/README': '[supervisord]\n',
}

function tree(files: Readonly<Record<string, string>> = TREE): string {
  const folder = scratch()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, 'in', name)), { recursive: true })
    writeFileSync(join(folder, 'in', name), text)
  }
  return folder
}

test('mirrors the tree, one line a file; a broken file stops nothing and makes the exit code 1', async () => {
  const folder = tree()
  const { exitCode, stdout, stderr } = await kahi(['migrate', 'in', '--out', 'out'], { cwd: folder })
  expect({ exitCode, stdout }).toEqual({
    exitCode: 1,
    stdout: [
      'a/conf.d/web.conf: included by a/supervisord.conf',
      `a/supervisord.conf: converted to ${folder}/out/a/supervisord.toml`,
      'b/broken.conf: failed',
      `b/job.conf: converted to ${folder}/out/b/job.conf.toml, 1 warning`,
      `b/job.ini: converted to ${folder}/out/b/job.ini.toml`,
      '',
    ].join('\n'),
  })
  expect(stderr).toContain('in/b/broken.conf:4:1: error: Cannot read "startsecs"')
  expect(stderr).toContain('5 files: 3 converted, 1 included by others, 1 failed; ')
  expect(stderr).not.toContain('\r')
  expect(readdirSync(join(folder, 'out'), { recursive: true }).sort()).toEqual(
    ['a', 'a/supervisord.toml', 'b', 'b/job.conf.toml', 'b/job.ini.toml'].sort(),
  )
  expect(readFileSync(join(folder, 'out/a/supervisord.toml'), 'utf8')).toContain(`${folder}/in/a/conf.d/web`)
})

test('again only with --force; --dry-run writes nothing; --report json tells all', async () => {
  const folder = tree({ 'web.conf': '[supervisord]\n' })
  const args = ['migrate', 'in', '--out', 'out']
  expect(await kahi([...args, '--dry-run'], { cwd: folder })).toMatchObject({ exitCode: 0 })
  expect(existsSync(join(folder, 'out'))).toBe(false)
  expect(await kahi(args, { cwd: folder })).toMatchObject({ exitCode: 0 })
  expect(await kahi(args, { cwd: folder })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('use --force'),
  })
  const { exitCode, stdout, stderr } = await kahi([...args, '--force', '--report', 'json'], { cwd: folder })
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
  expect(JSON.parse(stderr)).toMatchObject({
    valid: true,
    files: [
      { path: 'web.conf', kind: 'converted', isVerified: true, output: `${folder}/out/web.toml`, diagnostics: [] },
    ],
  })
})

test('nothing is written through links in the output tree', async () => {
  const folder = tree()
  const victim = join(folder, 'victim')
  mkdirSync(join(folder, 'out/a'), { recursive: true })
  mkdirSync(victim)
  writeFileSync(join(victim, 'file'), 'mine')
  symlinkSync(victim, join(folder, 'out/b'))
  symlinkSync(join(victim, 'file'), join(folder, 'out/a/supervisord.toml'))
  const { exitCode, stderr } = await kahi(['migrate', 'in', '--out', 'out', '--force'], { cwd: folder })
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('out/b: it is a link') })
  expect(readdirSync(victim)).toEqual(['file'])
  expect(readFileSync(join(victim, 'file'), 'utf8')).toBe('mine')
  expect(lstatSync(join(folder, 'out/a/supervisord.toml')).isFile()).toBe(true)
})

const RUN = '#!/bin/sh\nexec sleep 1000\n'

test('trees of s6-rc and images of s6-overlay are converted too, each as a whole', async () => {
  const folder = tree({
    'a/supervisord.conf': '[supervisord]\n',
    'b/rootfs/etc/services.d/web/run': RUN,
    'b/rootfs/etc/s6-overlay/s6-rc.d/db/type': 'longrun\n',
    'b/rootfs/etc/s6-overlay/s6-rc.d/db/run': RUN,
    'c/s6-rc.d/db/type': 'longrun\n',
    'c/s6-rc.d/db/run': RUN,
    'c/s6-rc.d/broken/type': 'longrun\n',
    'd/s6-rc.d/db/type': 'longrun\n',
    'd/s6-rc.d/db/run': '#!/bin/execlineb -P\nexport A 1 sleep 1000\n',
    'e/type/type.ts': '',
  })
  const { exitCode, stdout, stderr } = await kahi(['migrate', 'in', '--out', 'out', '--translate'], { cwd: folder })
  expect({ exitCode, stdout }).toEqual({
    exitCode: 1,
    stdout: [
      `a/supervisord.conf: converted to ${folder}/out/a/supervisord.toml`,
      `b/rootfs (s6-overlay): converted to ${folder}/out/b/rootfs.toml, 3 warnings`,
      'c/s6-rc.d (s6-rc): failed',
      `d/s6-rc.d (s6-rc): converted to ${folder}/out/d/s6-rc.d.toml`,
      '',
    ].join('\n'),
  })
  expect(stderr).toContain('1 file and 3 trees: 3 converted, 0 included by others, 1 failed; ')
  expect(readFileSync(join(folder, 'out/b/rootfs.toml'), 'utf8')).toMatch(/^\[programs\.db\][^]*^\[programs\.web\]/m)
  expect(readFileSync(join(folder, 'out/d/s6-rc.d.toml'), 'utf8')).toContain('environment = { A = "1" }')
  expect((await kahi(['migrate', 'in'], { cwd: folder })).stderr).toContain(
    'hint: kahi migrate in/b/rootfs converts that one, kahi migrate in --out DIR all that is below',
  )
})

test('wrong usage and nothing to do exit 2', async () => {
  const folder = tree({ 'nginx.conf': 'x' })
  for (const [args, message] of [
    [['in/nginx.conf', '--out', 'out'], '--out needs a directory'],
    [['in', '--out', 'out', '-o', 'x'], 'goes without -o'],
    [['in', '--out', 'out'], 'There is nothing to convert below in'],
  ] as const)
    expect(await kahi(['migrate', ...args], { cwd: folder })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(message),
    })
})

test.skipIf(process.getuid?.() === 0)('what cannot be read is a failed file (skipped as root, who can)', async () => {
  const folder = tree()
  chmodSync(join(folder, 'in/a/supervisord.conf'), 0)
  const { exitCode, stderr } = await kahi(['migrate', 'in', '--out', 'out'], { cwd: folder })
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('permission denied') })
})

const hasPty = existsSync('/usr/bin/script')
test.skipIf(!hasPty)('on a terminal one line shows the progress (skipped without script of util-linux)', async () => {
  const folder = tree()
  const command = `${kahiPath} migrate in --out out`
  const { stdout } = await kahi(['-qec', command, '/dev/null'], {
    cwd: folder,
    program: '/usr/bin/script',
    env: { TERM: 'xterm', COLUMNS: '80' },
  })
  expect(stdout).toContain('\r\x1b[K1/5 a/supervisord.conf')
  expect(stdout).toMatch(/\r\x1b\[K5\/5 [^\r\n]*\r\x1b\[K/)
})
