// Nearly empty roots: they show what kahi needs in an image. Needs root and unshare.

import { chmodSync, cpSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { canUnshare, copyInto, inRoot, layLibraries } from '../helpers/bare-root.ts'
import { firstPid } from '../helpers/image.ts'
import { kahi, type Result, root, scratch, startDaemon } from '../helpers/kahi.ts'

const isNative = existsSync(join(root, 'dist/kahi-shim'))
const missing = [canUnshare ? '' : 'no root or unshare', isNative ? '' : 'no C compiler'].filter((one) => one !== '')
if (missing.length > 0) console.log(`bare roots are not tried: ${missing.join(', ')}`)

/** A root that contains only kahi, in /kahi. */
function emptyRoot(): string {
  const image = scratch()
  chmodSync(image, 0o755)
  cpSync(join(root, 'dist'), join(image, 'kahi'), { recursive: true })
  return image
}

/** A root that also has Node.js with its libraries, and a configuration. It has no shell, no /tmp and no /etc/passwd. */
function rootWithNode(): string {
  const image = emptyRoot()
  layLibraries(image)
  copyInto(process.execPath, join(image, 'kahi/node'))
  writeFileSync(join(image, 'kahi.toml'), '[programs.idle]\ncommand = ["/kahi/kahi-s6", "s6-pause"]\nstartsecs = 0\n')
  return image
}

function run(image: string, ...words: readonly string[]): Promise<Result> {
  return kahi(inRoot(image, words), { program: 'unshare', cwd: '/' })
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
    const daemon = startDaemon(inRoot(rootWithNode(), ['/kahi/kahi', 'daemon', '-c', '/kahi.toml'], { user }), {
      program: 'unshare',
      cwd: '/',
    })
    await daemon.line("spawned: 'idle'")
    process.kill(firstPid(daemon), 'SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  })
})
