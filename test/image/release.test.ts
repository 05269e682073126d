// `npm run release` as a whole: its files, the same bytes in a second run, and kahi from each file on the system for which it is made.

import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { canUnshare, copyInto, inRoot, layLibraries, type RootOptions } from '../helpers/bare-root.ts'
import { bootImage, canBoot, firstPid } from '../helpers/image.ts'
import { type Daemon, kahi, root, scratch, startDaemon } from '../helpers/kahi.ts'
import { makeRelease, released, whyNoRelease } from '../helpers/release.ts'

const why = canUnshare ? whyNoRelease() : 'no root or unshare'
if (why !== undefined) console.log(`no release is made: ${why}`)
const hasAlpine = ['busybox', 'musl-gcc'].every((name) => spawnSync(name, ['--help']).error === undefined)
const hasUmoci = spawnSync('umoci', ['--version']).status === 0
const hasDpkg = spawnSync('dpkg', ['--version']).status === 0 && canBoot()
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0
const hasQemu = spawnSync('qemu-aarch64-static', ['--version']).status === 0
for (const [has, name] of [
  [hasAlpine, 'busybox or musl-gcc (Debian: busybox-static, musl-tools)'],
  [hasUmoci, 'umoci'],
  [hasDpkg, 'dpkg'],
  [hasSystemd, 'systemd-analyze (Debian: systemd)'],
  [hasQemu, 'qemu-aarch64-static (Debian: qemu-user-static)'],
] as const)
  if (!has) console.log(`no ${name}: what needs it is not tried with a release`)

/** For each shell with its own loader of completions: the words that it offers, or the function that it found. */
const SHELLS = {
  bash: `bash -c '. /usr/share/bash-completion/bash_completion; _completion_loader kahi; COMP_LINE="kahi comp"; COMP_POINT=9; _kahi; echo "bash: $COMPREPLY"'`,
  zsh: `zsh -fc 'autoload -Uz compinit; compinit -uD; autoload +X $_comps[kahi]; echo "zsh: $_comps[kahi] $functions[_kahi]" | head -n 1'`,
  fish: `fish -c 'echo "fish: "(complete -C "kahi comp")'`,
}
const COMPLETION = {
  bash: 'usr/share/bash-completion/bash_completion',
  zsh: 'usr/bin/zsh',
  fish: 'usr/bin/fish',
} as const
const shells = (['bash', 'zsh', 'fish'] as const).filter((shell) => existsSync(`/${COMPLETION[shell]}`))
if (shells.length < 3) console.log(`completion of the Debian package is tried with ${shells.join(', ')} alone`)

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
const IDLE = '[programs.idle]\ncommand = ["/opt/kahi/kahi-s6", "s6-pause"]\nstartsecs = 0\n'

let files = ''

/** The path of a file of the release. */
function file(name: string): string {
  return join(files, name)
}

/** The entries of the SBOM. */
function contents(): readonly string[] {
  const { components } = JSON.parse(readFileSync(file(`kahi-${version}-sbom.cdx.json`), 'utf8'))
  return components.map(({ group, name }: { group?: string; name: string }) =>
    group === undefined ? name : `${group}/${name}`,
  )
}

function unpack(name: string, to: string): void {
  mkdirSync(to, { recursive: true })
  execFileSync('tar', ['-xf', file(name), '-C', to])
}

/** Unpacks an image with umoci; gives its root and its configuration. */
function unpackImage(processor: string) {
  const folder = scratch()
  unpack(`kahi-${version}-oci-${processor}.tar`, join(folder, 'layout'))
  execFileSync('umoci', ['unpack', '--image', `${folder}/layout:${version}`, join(folder, 'bundle')], { stdio: 'pipe' })
  const { process: start } = JSON.parse(readFileSync(join(folder, 'bundle/config.json'), 'utf8'))
  return { rootfs: join(folder, 'bundle/rootfs'), start }
}

/** Starts kahi in a root as PID 1. */
function boot(image: string, options: RootOptions = {}): Daemon {
  const words = inRoot(image, ['/opt/kahi/kahi', 'daemon', '-c', '/etc/kahi.toml'], options)
  return startDaemon(words, { program: 'unshare', cwd: '/', env: { KAHI_NODE: undefined } })
}

async function stop(daemon: Daemon): Promise<void> {
  process.kill(firstPid(daemon), 'SIGTERM')
  expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
}

describe.skipIf(why !== undefined)('a release', () => {
  beforeAll(async () => {
    files = await released()
  })

  test('has all files, and their sums', () => {
    const sums = execFileSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: files, encoding: 'utf8' })
    const expected = [
      'linux-arm64.tar.gz',
      'linux-x64.tar.gz',
      'noarch.tar.gz',
      'oci-arm64.tar',
      'oci-x64.tar',
      'sbom.cdx.json',
    ]
    expect(sums.trim().split('\n')).toEqual([
      ...expected.map((name) => `kahi-${version}-${name}: OK`),
      `kahi-${version}.tgz: OK`,
      `kahi_${version}_amd64.deb: OK`,
      `kahi_${version}_arm64.deb: OK`,
    ])
    expect(contents()).toEqual(expect.arrayContaining(['smol-toml', 'lit-html', 'node']))
  })

  test('made again it has the same bytes', async () => {
    const again = join(scratch(), 'again')
    await makeRelease(again)
    expect(readFileSync(join(again, 'SHA256SUMS'), 'utf8')).toBe(readFileSync(file('SHA256SUMS'), 'utf8'))
  })

  test('the archive runs kahi in a root with nothing else than the C libraries', async () => {
    const image = scratch()
    chmodSync(image, 0o755)
    unpack(`kahi-${version}-linux-x64.tar.gz`, join(image, 'opt'))
    layLibraries(image)
    mkdirSync(join(image, 'etc'))
    writeFileSync(join(image, 'etc/kahi.toml'), IDLE)
    const daemon = boot(image, { user: '54321:54321' })
    await daemon.line("spawned: 'idle'")
    await stop(daemon)
    const completion = (name: string): string => readFileSync(join(image, 'opt/kahi/completion', name), 'utf8')
    expect(JSON.parse(readFileSync(join(image, 'opt/kahi/kahi.schema.json'), 'utf8'))).toMatchObject({ type: 'object' })
    expect(completion('_kahi')).toMatch(/^#compdef kahi\n/)
    expect(completion('kahi')).toContain('complete -o default -F _kahi kahi')
    expect(completion('kahi.fish')).toContain('complete -c kahi')
    const license = (name: string): string => readFileSync(join(image, 'opt/kahi', `LICENSE.${name}`), 'utf8')
    expect(license('node')).toContain('Node.js')
    expect(license('musl')).toContain('musl')
    for (const name of contents().filter((one) => one !== 'node')) expect(license('bundle')).toContain(`\n${name} `)
  })

  test('the archive without Node.js runs with the one in PATH', async () => {
    const folder = scratch()
    unpack(`kahi-${version}-noarch.tar.gz`, folder)
    const program = join(folder, 'kahi/kahi')
    expect(await kahi(['keys'], { program })).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await kahi(['version'], { program, env: { PATH: '/usr/bin:/bin' } })).toMatchObject({
      stdout: `${version}\n`,
    })
  })

  // The registry of npm has Node.js only for glibc. So this root has glibc for Node.js, and Alpine's libraries for all other programs.
  test.skipIf(!hasAlpine)(
    "the archive without Node.js in a root with Alpine's shell and C library (needs busybox and musl-gcc)",
    async () => {
      const image = scratch()
      chmodSync(image, 0o755)
      unpack(`kahi-${version}-noarch.tar.gz`, join(image, 'opt'))
      layLibraries(image)
      copyInto(process.execPath, join(image, 'usr/bin/node'))
      copyInto('/usr/bin/busybox', join(image, 'bin/busybox'))
      for (const name of ['sh', 'readlink', 'uname', 'cat', 'env']) symlinkSync('busybox', join(image, 'bin', name))
      symlinkSync('/opt/kahi/kahi', join(image, 'usr/bin/kahi'))
      copyInto('/lib/x86_64-linux-musl/libc.so', join(image, 'lib/ld-musl-x86_64.so.1'))
      const source =
        '#include <stdio.h>\n#include <unistd.h>\nint main(void) { puts("linked with musl"); fflush(stdout); pause(); }\n'
      execFileSync('musl-gcc', ['-x', 'c', '-', '-o', join(image, 'bin/service')], { input: source })
      mkdirSync(join(image, 'etc'))
      const toml =
        '[programs.musl]\ncommand = "service"\n[programs.ash]\ncommand = ["sh", "-c", "echo from ash; exec service"]\n'
      writeFileSync(join(image, 'etc/kahi.toml'), toml)
      const words = inRoot(image, ['/usr/bin/kahi', 'daemon', '-c', '/etc/kahi.toml'], { isWritable: true })
      const daemon = startDaemon(words, { program: 'unshare', cwd: '/', env: { KAHI_NODE: undefined } })
      for (const line of ['linked with musl', 'from ash']) await daemon.line(line)
      await stop(daemon)
    },
  )

  test.skipIf(!hasDpkg)(
    'the Debian package is installed by dpkg, with a unit, manual pages and completion (needs dpkg)',
    async () => {
      const tree = scratch()
      copyFileSync(file(`kahi_${version}_amd64.deb`), join(tree, 'kahi.deb'))
      const verify = hasSystemd ? 'systemd-analyze verify /usr/lib/systemd/system/kahi.service' : ':'
      const before = `dpkg -i /kahi.deb; ${verify}; gzip -t /usr/share/man/man1/kahi-daemon.1.gz; head -n 3 /usr/share/doc/kahi/copyright; cat /usr/lib/systemd/system/kahi.service; ${shells.map((shell) => SHELLS[shell]).join('; ')}`
      const toml = { 'etc/kahi.toml': IDLE.replace('/opt/kahi', '/usr/lib/kahi') }
      const words = ['daemon', '-c', '/etc/kahi.toml']
      const daemon = bootImage(toml, words, { tree, before, entry: '/usr/bin/kahi' })
      await daemon.line("spawned: 'idle'")
      expect(daemon.output()).toContain('MIT License')
      expect(daemon.output()).toContain('\nType=notify\n')
      expect(daemon.output()).toContain('\nExecStart=/usr/bin/kahi daemon -c /etc/kahi.toml\n')
      expect(daemon.output()).not.toMatch(/kahi\.service:\d+|not executable/)
      for (const shell of shells) {
        const found = shell === 'zsh' ? '_kahi' : 'completion'
        expect(daemon.output()).toMatch(new RegExp(`^${shell}: ${found}\\b`, 'm'))
      }
      await stop(daemon)
    },
  )

  test.skipIf(!hasUmoci)('the image runs as no root; flush-manager in it, too (needs umoci)', async () => {
    const { rootfs, start } = unpackImage('x64')
    expect(start).toMatchObject({ args: ['kahi', '--help'], user: { uid: 65532, gid: 65532 } })
    const help = inRoot(rootfs, start.args, { user: '65532:65532' })
    expect(await kahi(help, { program: 'unshare', cwd: '/', env: { PATH: '/usr/sbin:/usr/bin' } })).toMatchObject({
      exitCode: 0,
      stderr: '',
    })
    // flush-manager's image contains only its program. The configuration file of the program comes from a ConfigMap.
    const config = join(rootfs, 'etc/app')
    for (const name of ['..1', '..2']) mkdirSync(join(config, name), { recursive: true })
    for (const name of ['..1', '..2']) writeFileSync(join(config, name, 'app.conf'), `${name}\n`)
    symlinkSync('..1', join(config, '..data'))
    symlinkSync('..data/app.conf', join(config, 'app.conf'))
    for (const name of ['dev', 'proc']) mkdirSync(join(rootfs, name), { recursive: true })
    const manager = [
      '/opt/kahi/kahi',
      'manager',
      '-config',
      '/etc/app/app.conf',
      '-command',
      '/opt/kahi/kahi-s6',
      's6-pause',
    ]
    const words = inRoot(rootfs, manager, { user: '65532:65532', isWritable: true })
    const daemon = startDaemon(words, { program: 'unshare', cwd: '/' })
    await daemon.line('Child process started')
    symlinkSync('..2', join(config, '..new'))
    renameSync(join(config, '..new'), join(config, '..data'))
    await daemon.line('Child process restarted successfully after config change')
    await stop(daemon)
  })

  test.skipIf(!hasUmoci || !hasQemu)('the image for arm64 runs (needs umoci and qemu-user-static)', async () => {
    const { rootfs } = unpackImage('arm64')
    const words = ['-L', rootfs, join(rootfs, 'opt/kahi/node'), join(rootfs, 'opt/kahi/kahi.js'), 'check', '--help']
    expect(await kahi(words, { program: 'qemu-aarch64-static' })).toMatchObject({ exitCode: 0, stderr: '' })
    const launcher = await kahi([join(rootfs, 'opt/kahi/kahi'), 'version'], { program: 'qemu-aarch64-static' })
    expect(launcher).toMatchObject({ stdout: `${version}\n` })
  })
})
