// `kahi migrate Dockerfile` through dist/kahi: the diff, the written files, options, folders, mistakes.

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, root, scratch } from '../../helpers/kahi.ts'

const PLATFORM = ['--platform', 'linux/amd64']
const SIMPLE =
  'FROM debian:12\nRUN apt-get update && apt-get install -y supervisor\nCOPY a.conf /etc/a.conf\nCMD ["supervisord", "-c", "/etc/a.conf"]\n'
const CONF = '[supervisord]\nnodaemon=true\n[program:web]\ncommand=web\n'

function lay(files: Readonly<Record<string, string>>): string {
  const folder = scratch()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 })
  }
  return folder
}

function hind(): string {
  const folder = scratch()
  cpSync(join(root, 'fixtures/images/hind'), folder, { recursive: true })
  return folder
}

test('the diff is on standard output, and patch applies it', async () => {
  const cwd = hind()
  const { exitCode, stdout, stderr } = await kahi(['migrate', 'Dockerfile', ...PLATFORM], { cwd })
  expect(exitCode).toBe(0)
  expect(stdout).toBe(readFileSync(join(cwd, 'expected.drop-in.diff'), 'utf8').replace(/^[^]*?(?=--- )/, ''))
  expect(stderr).toContain('etc/supervisor/conf.d/hind.conf becomes /etc/supervisor/conf.d/hind.conf: 6 programs')
  expect(stderr).toContain('drop-in for supervisord: 3 changes in 1 file; --as converted shows the other way\n')
  expect(stderr).toContain(
    'the build context . needs kahi-0.1.0-linux-x64.tar.gz, from the release of kahi\nnext: docker build .\n',
  )
  expect(readFileSync(join(cwd, 'Dockerfile'), 'utf8')).not.toContain('kahi')
  const patch = spawnSync('patch', ['-p0'], { cwd, input: stdout, encoding: 'utf8' })
  expect(patch).toMatchObject({ status: 0, stdout: 'patching file Dockerfile\n' })
  const again = await kahi(['migrate', 'Dockerfile'], { cwd })
  expect(again.stderr).toMatch(/^Dockerfile:\d+:1: error: kahi is in this image already\n/)
})

test('-o writes the Dockerfile, and the script that it starts; an existing file only with --force', async () => {
  const cwd = hind()
  const args = ['migrate', '.', '--as', 'converted', ...PLATFORM, '-o']
  const refused = await kahi([...args, 'Dockerfile'], { cwd })
  expect(refused).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('Dockerfile and bin/entrypoint.sh exist\n  hint: use --force'),
  })
  mkdirSync(join(cwd, 'new/bin'), { recursive: true })
  const beside = await kahi([...args, 'new/Dockerfile'], { cwd })
  expect(beside).toMatchObject({
    exitCode: 0,
    stdout: '',
    stderr: expect.stringContaining('wrote new/Dockerfile, new/bin/entrypoint.sh\n'),
  })
  expect(readFileSync(join(cwd, 'new/bin/entrypoint.sh'), 'utf8')).toMatch(
    /\nexec \/opt\/kahi\/kahi daemon -c \/etc\/kahi\.toml\n$/,
  )
  expect(statSync(join(cwd, 'new/bin/entrypoint.sh')).mode & 0o111).toBe(0o111)
  expect(await kahi([...args, 'Dockerfile', '--force'], { cwd })).toMatchObject({ exitCode: 0 })
  for (const name of ['Dockerfile', 'bin/entrypoint.sh'])
    expect(readFileSync(join(cwd, name), 'utf8')).toBe(readFileSync(join(cwd, 'new', name), 'utf8'))
})

test('--report json has every change with its reason, and what is read', async () => {
  const cwd = lay({ Dockerfile: SIMPLE, 'a.conf': CONF })
  const { exitCode, stderr } = await kahi(['migrate', 'Dockerfile', '--report', 'json', '--dry-run', ...PLATFORM], {
    cwd,
  })
  expect(exitCode).toBe(0)
  expect(JSON.parse(stderr)).toMatchObject({
    valid: true,
    daemon: 'supervisord',
    as: 'drop-in',
    output: [],
    changes: [
      { line: 2, reason: 'supervisor is not installed: kahi takes its place' },
      { line: 1, reason: 'version 0.1.0, from the release in the build context' },
      { line: 2, reason: expect.stringContaining('are kahi') },
    ],
    needs: ['kahi-0.1.0-linux-x64.tar.gz'],
    inputs: [{ path: '/etc/a.conf', source: 'a.conf', contents: '1 program and 0 groups' }],
  })
})

test('a configuration that cannot be converted is named with its place', async () => {
  const cwd = lay({ Dockerfile: SIMPLE, 'a.conf': `${CONF}priority=high\n` })
  const dropIn = await kahi(['migrate', 'Dockerfile'], { cwd })
  expect(dropIn).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/^a\.conf:5:1: error: /m) })
  const converted = await kahi(['migrate', 'Dockerfile', '--as', 'converted'], { cwd })
  expect(converted).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('a.conf becomes /etc/a.conf: it cannot be converted'),
  })
})

test('a folder stands for its Dockerfile, unless it is a configuration itself', async () => {
  const cwd = lay({
    'image/Dockerfile': SIMPLE,
    'image/conf/a.conf': CONF,
    'both/Dockerfile': SIMPLE,
    'both/supervisord.conf': CONF,
  })
  expect((await kahi(['migrate', 'image', '--context', 'image/conf'], { cwd })).stdout).toMatch(
    /^--- image\/Dockerfile\n/,
  )
  expect((await kahi(['migrate', 'both'], { cwd })).stdout).toContain('[programs.web]')
  expect((await kahi(['migrate', 'both', '--format', 'dockerfile'], { cwd })).stdout).toMatch(/^--- both\/Dockerfile\n/)
  expect((await kahi(['migrate', '--build-arg', 'A=1', 'image'], { cwd })).stdout).toMatch(/^--- image\/Dockerfile\n/)
})

test('--out changes every Dockerfile that is concerned, beside the configurations', async () => {
  const cwd = lay({
    'a/Dockerfile': SIMPLE,
    'a/a.conf': CONF,
    'b/Dockerfile': 'FROM nginx\n',
    'c/web.dockerfile': 'FROM debian:12\nCOPPY a b\n',
  })
  const { exitCode, stdout } = await kahi(['migrate', '.', '--out', 'out', ...PLATFORM], { cwd })
  expect(exitCode).toBe(1)
  expect(stdout).toContain('a/a.conf: converted to ')
  expect(stdout).toMatch(/^a\/Dockerfile: changed \(drop-in for supervisord\) to .*\/out\/a\/Dockerfile$/m)
  expect(stdout).toContain('c/web.dockerfile: failed\n')
  expect(stdout).not.toContain('b/Dockerfile')
  expect(readFileSync(join(cwd, 'out/a/Dockerfile'), 'utf8')).toContain('COPY --from=kahi /opt/kahi /opt/kahi\n')
  expect(existsSync(join(cwd, 'out/c'))).toBe(false)
})

test.each([
  [
    ['Dockerfile', '--translate'],
    'Dockerfile is a Dockerfile: --translate does not apply to it\n  hint: leave --translate out',
  ],
  [['a.conf', '--as', 'converted'], 'PATH is no Dockerfile: --as does not apply to it'],
  [['Dockerfile', '--as', 'both'], 'Invalid values'],
  [['Dockerfile', '--build-arg', 'A', '--platform', 'plan9'], 'Cannot read --platform plan9'],
  [['Dockerfile', '--target', 'web'], 'Dockerfile has no stage web\n  hint: no stage has a name'],
  [['missing/Dockerfile'], 'Cannot read missing/Dockerfile: there is no such file'],
])('%j is a mistake', async (args, message) => {
  const cwd = lay({ Dockerfile: SIMPLE, 'a.conf': CONF })
  const result = await kahi(['migrate', ...args], { cwd })
  expect(result).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(message) })
})
