// Roots that lack nearly everything: what kahi needs of an image. Needs root and unshare.

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { kahi, type Result, root, scratch, startDaemon } from '../helpers/kahi.ts'

const NAMESPACE = ['--mount', '--pid', '--fork', '--kill-child', '--']
const canUnshare = spawnSync('unshare', [...NAMESPACE, 'true']).status === 0
const isNative = existsSync(join(root, 'dist/kahi-shim'))
const libraries = librariesOf(process.execPath)
const missing = [canUnshare ? '' : 'no root or unshare', isNative ? '' : 'no C compiler'].filter((one) => one !== '')
if (missing.length > 0) console.log(`bare roots are not tried: ${missing.join(', ')}`)

/** The files of the C library that a program needs. */
function librariesOf(program: string): readonly string[] {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' })
  return [...(stdout ?? '').matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path ?? '')
}

/** A root with kahi in /kahi and nothing else. */
function emptyRoot(): string {
  const image = scratch()
  chmodSync(image, 0o755)
  cpSync(join(root, 'dist'), join(image, 'kahi'), { recursive: true })
  return image
}

/** A root that has Node.js with its libraries too, and a configuration; no shell, no /tmp, no /etc/passwd. */
function rootWithNode(): string {
  const image = emptyRoot()
  for (const path of libraries) cpInto(path, join(image, path))
  cpInto(process.execPath, join(image, 'kahi/node'))
  for (const name of ['dev', 'proc']) mkdirSync(join(image, name))
  writeFileSync(join(image, 'kahi.toml'), '[programs.idle]\ncommand = ["/kahi/kahi-s6", "s6-pause"]\nstartsecs = 0\n')
  return image
}

function cpInto(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to, { dereference: true })
}

/** Makes the root read-only, with the /dev and /proc of every container where it has room for them. */
const SCRIPT = `
mount --make-rprivate /
mount --bind "$0" "$0"
cd "$0"
if [ -d dev ]; then
  mount -t tmpfs -o mode=755 tmpfs dev
  mknod -m 666 dev/null c 1 3
  mount -t proc proc proc
fi
mount -o remount,ro,bind "$0"
cd "$0"
user=$1
shift
exec chroot --userspec="$user" . "$@"
`

/** Words that run a program in the root as PID 1. */
function inRoot(image: string, user: string, ...words: readonly string[]): readonly string[] {
  return [...NAMESPACE, 'sh', '-ec', SCRIPT, image, user, ...words]
}

function run(image: string, ...words: readonly string[]): Promise<Result> {
  return kahi(inRoot(image, '0:0', ...words), { program: 'unshare', cwd: '/' })
}

describe.skipIf(missing.length > 0)(`bare roots ${missing.join(', ')}`, () => {
  test('without a C library: launcher, helper, commands of s6 and execline', async () => {
    const image = emptyRoot()
    expect(await run(image, '/kahi/kahi', 'version')).toMatchObject({ exitCode: 0, stderr: '' })
    expect((await run(image, '/kahi/kahi-shim', '--version')).stdout).toMatch(/^kahi-shim protocol \d+\n$/)
    expect(await run(image, '/kahi/kahi', 's6-echo', 'a')).toMatchObject({ exitCode: 0, stdout: 'a\n' })
    expect((await run(image, '/kahi/kahi', 'healthcheck')).stderr).toContain('/run/kahi.sock: there is no such socket')
    expect(await run(image, '/kahi/kahi', 'check', 'x')).toMatchObject({
      exitCode: 111,
      stderr: expect.stringMatching(/^kahi: there is no program "node" in PATH: install .*\n$/),
    })
  })

  test.each([
    ['root', '0:0'],
    ['a user that the root does not know', '54321:54321'],
  ])('read-only, with Node.js and its libraries alone: a daemon as PID 1, for %s', async (_, user) => {
    const daemon = startDaemon(inRoot(rootWithNode(), user, '/kahi/kahi', 'daemon', '-c', '/kahi.toml'), {
      program: 'unshare',
      cwd: '/',
    })
    await daemon.line("spawned: 'idle'")
    const first = spawnSync('ps', ['-o', 'pid=', '--ppid', `${daemon.pid}`], { encoding: 'utf8' }).stdout
    process.kill(Number(first), 'SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  })
})
