// The npm package: its installation from the packed file without network, scripts and compiler, and its programs for the other
// processor. The file is that of the release. If this machine cannot make a release, the test builds the package in a separate folder,
// because other tests use dist/ meanwhile.

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compilerFor } from '../../tools/cross.ts'
import { kahi, type Result, root, scratch, startDaemon } from '../helpers/kahi.ts'
import { released, whyNoRelease } from '../helpers/release.ts'

const missing = (['x64', 'arm64'] as const).map(compilerFor).filter((one) => typeof one === 'string')
const isRoot = process.getuid?.() === 0
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
const qemu = spawnSync('qemu-aarch64-static', ['--version']).status === 0 ? 'qemu-aarch64-static' : undefined
if (missing.length > 0) console.log(`the npm package is not tested: ${missing.join('; ')}`)
if (qemu === undefined) console.log('no qemu-aarch64-static (Debian: qemu-user-static): programs for arm64 are not run')

const folder = mkdtempSync(join(tmpdir(), 'kahi-package-'))
const prefix = join(folder, 'prefix')
const installed = join(prefix, 'lib/node_modules/kahi')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Installs the packed file globally below a prefix, offline. */
function install(to: string, ...options: string[]): void {
  const words = ['install', '-g', '--offline', '--no-audit', '--no-fund', ...options, '--prefix', to, packed]
  execFileSync('npm', words, {
    cwd: folder,
    stdio: 'pipe',
    env: { ...process.env, npm_config_cache: join(folder, 'npm') },
  })
}

let packed = ''

function pack(): string {
  execFileSync(process.execPath, [join(root, 'tools/run.mjs'), 'tools/prebuilt.ts'], { cwd: root, stdio: 'pipe' })
  const words = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder]
  return join(folder, execFileSync('npm', words, { cwd: root, encoding: 'utf8' }).trim())
}

describe.skipIf(missing.length > 0)(`the npm package ${missing.join('; ')}`, () => {
  beforeAll(async () => {
    packed = whyNoRelease() === undefined ? join(await released(), `kahi-${version}.tgz`) : pack()
    install(prefix, '--ignore-scripts')
  })

  test('runs a daemon as soon as it is unpacked', async () => {
    const program = join(prefix, 'bin/kahi')
    const here = scratch()
    const socket = join(here, 'k.sock')
    writeFileSync(
      join(here, 'kahi.toml'),
      `[server.unix]\nfile = "${socket}"\n[programs.a]\ncommand = "/bin/sleep 1000"\nstartsecs = 0\n`,
    )
    const daemon = startDaemon(['daemon', '--survive', '-c', join(here, 'kahi.toml')], { program, cwd: here })
    await daemon.line("spawned: 'a'")
    expect(daemon.output()).not.toContain('helper') // nothing is lost without it
    expect(await kahi(['healthcheck', '-s', socket], { program, env: { PATH: '/usr/bin:/bin' } })).toMatchObject({
      stderr: '',
    })
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  })

  test('is installed under the names of supervisor, and as s6-overlay', async () => {
    const program = join(prefix, 'bin/kahi')
    const [names, image] = [scratch(), scratch()]
    expect(await kahi(['install', '--as', 'supervisord', '--dir', names], { program })).toMatchObject({ exitCode: 0 })
    expect(readlinkSync(join(names, 'supervisord'))).toBe(join(installed, `native/linux-${process.arch}/kahi`))
    expect(await kahi(['-v'], { program: join(names, 'supervisord') })).toMatchObject({ stdout: '4.2.5\n' })
    expect(await kahi(['install', '--as', 's6-overlay', '--dir', image], { program })).toMatchObject({ exitCode: 0 })
    expect(await kahi(['x'], { program: join(image, 'bin/s6-echo') })).toMatchObject({ stdout: 'x\n' })
  })

  test.skipIf(!isRoot)('works from a read-only folder, for another user (needs root)', async () => {
    const script = `mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && chmod 755 "$1" 2>/dev/null; exec setpriv --reuid 65534 --regid 65534 --clear-groups "$0/bin/kahi" keys`
    execFileSync('chmod', ['755', folder])
    const words = ['--mount', 'sh', '-c', script, prefix, folder]
    const { exitCode, stdout, stderr } = await kahi(words, { program: 'unshare', cwd: '/' })
    expect(stderr).toBe('')
    expect(stdout).toContain('depends_on')
    expect(exitCode).toBe(0)
  })

  test('with scripts, kahi is the native launcher, also where it has to be compiled', async () => {
    const other = join(folder, 'other')
    install(other)
    const own = join(other, 'lib/node_modules/kahi')
    const launcher = join(own, 'cli/launcher/kahi.sh')
    expect(readlinkSync(launcher)).toBe(`../../native/linux-${process.arch}/kahi`)
    rmSync(join(own, 'native'), { recursive: true })
    execFileSync(process.execPath, [join(own, 'dist/postinstall.mjs')], { stdio: 'pipe' })
    expect(existsSync(join(own, `native/linux-${process.arch}/kahi-s6`))).toBe(true)
    expect(await kahi(['keys'], { program: join(other, 'bin/kahi') })).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test.skipIf(qemu === undefined)('its programs for arm64 run (needs qemu-user-static)', async () => {
    const run = (name: string, ...words: string[]): Promise<Result> =>
      kahi([join(installed, 'native/linux-arm64', name), ...words], { program: qemu ?? '' })
    expect((await run('kahi', 'version')).stdout).toBe((await kahi(['version'])).stdout)
    expect((await run('kahi-shim', '--version')).stdout).toMatch(/^kahi-shim protocol \d+\n$/)
    expect((await run('kahi-s6', 's6-echo', 'a', 'b')).stdout).toBe('a b\n')
    expect((await run('kahi', 'healthcheck', '-s', '/no/such')).stderr).toContain('there is no such socket')
    const started = await run('kahi', 'keys')
    expect(started.stdout, started.stderr).toContain('depends_on')
  })
})
