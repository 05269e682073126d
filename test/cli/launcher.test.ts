// The launcher: which Node.js it starts, the names under which it can be called, and its message without Node.js.

import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { kahi, kahiPath, root, scratch } from '../helpers/kahi.ts'

const isNative = existsSync(join(root, 'dist/kahi-shim'))
if (!isNative) console.log('no C compiler built the launcher: its script is tested alone')

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const script = join(root, 'cli/launcher/kahi.sh')
/** Prints its path and its arguments. */
const FAKE_NODE = '#!/bin/sh\necho "${0%/*}: $* as $KAHI_ARGV0"\n'
const PATH = '/usr/bin:/bin'

function fakeNode(folder: string, name = 'node'): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), FAKE_NODE, { mode: 0o755 })
  return join(folder, name)
}

/** A copy of the necessary files of dist/, with the launcher `program`. */
function install(program: string): string {
  const folder = join(scratch(), 'kahi')
  mkdirSync(folder)
  copyFileSync(program, join(folder, 'kahi'))
  writeFileSync(join(folder, 'kahi.js'), '')
  return folder
}

const launchers = [...(isNative ? [['the program', kahiPath] as const] : []), ['the script', script] as const]

describe.each(launchers)('%s', (_, program) => {
  test('$KAHI_NODE comes first, then the one beside it, then PATH', async () => {
    const folder = install(program)
    const [named, inPath] = [fakeNode(join(folder, 'named'), 'other'), fakeNode(join(folder, 'in-path'))]
    const launcher = join(folder, 'kahi')
    const run = (env: Record<string, string>) => kahi(['check', 'x y'], { program: launcher, env })
    const from = (place: string) => ({ exitCode: 0, stdout: `${place}: ${folder}/kahi.js check x y as ${launcher}\n` })
    const path = `${join(inPath, '..')}:${PATH}`
    expect(await run({ PATH: path })).toMatchObject(from(join(folder, 'in-path')))
    fakeNode(folder)
    expect(await run({ PATH: path })).toMatchObject(from(folder))
    expect(await run({ PATH: path, KAHI_NODE: named })).toMatchObject(from(join(folder, 'named')))
    expect(await run({ PATH: path, KAHI_NODE: '' })).toMatchObject(from(folder))
  })

  test('a KAHI_NODE that cannot be run is an error with its path', async () => {
    const { exitCode, stderr } = await kahi(['check'], {
      program: join(install(program), 'kahi'),
      env: { KAHI_NODE: '/no/such/node' },
    })
    expect(stderr).toMatch(/^kahi: KAHI_NODE names \/no\/such\/node, which cannot be run: .*unset it\n$/)
    expect(exitCode).toBe(111)
  })

  test.each([
    [['daemon', '-c', 'f'], 'kahi'],
    [['-n'], 'supervisord'],
    [['nginx'], 'init'],
  ])('daemons get flags, also under other names: %j as %s', async (words, name) => {
    const folder = install(program)
    fakeNode(folder)
    const link = join(folder, `bin/${name}`)
    mkdirSync(join(folder, 'bin'))
    symlinkSync(join(folder, 'kahi'), link)
    const env = { PATH, NODE_EXTRA_CA_CERTS: '/certs' }
    const expected = `${folder}: --no-memory-reducer --v8-pool-size=1 ${folder}/kahi.js ${words.join(' ')} as ${link}\n`
    expect(await kahi(words, { program: link, env })).toMatchObject({ exitCode: 0, stdout: expected })
  })

  test('the limit of open files and the certificates are kept for programs', async () => {
    const folder = install(program)
    writeFileSync(join(folder, 'node'), '#!/bin/sh\nenv | grep -E "KAHI_N|EXTRA" | sort\n', { mode: 0o755 })
    const words = ['-c', `ulimit -Sn 321; exec ${join(folder, 'kahi')} "$@"`, 'sh']
    const run = (word: string) => kahi([...words, word], { program: '/bin/sh', env: { NODE_EXTRA_CA_CERTS: '/c' } })
    expect((await run('daemon')).stdout).toBe('KAHI_NODE_EXTRA_CA_CERTS=/c\nKAHI_NOFILE=321\n')
    expect((await run('check')).stdout).toBe('NODE_EXTRA_CA_CERTS=/c\n')
  })
})

describe.skipIf(!isNative)('without Node.js', () => {
  const env = { PATH: '/nonexistent' }

  test('the version', async () => {
    expect(await kahi(['version'], { env })).toMatchObject({ exitCode: 0, stdout: `${version}\n` })
    expect(await kahi(['--version'], { env })).toMatchObject({ exitCode: 0, stdout: `${version}\n` })
  })

  test('the commands of s6 and execline, by name and by word', async () => {
    const folder = scratch()
    for (const name of ['s6-echo', 'execlineb']) symlinkSync(kahiPath, join(folder, name))
    expect(await kahi(['a', 'b'], { program: join(folder, 's6-echo'), env })).toMatchObject({ stdout: 'a b\n' })
    expect(await kahi(['s6-echo', 'a', 'b'], { env })).toMatchObject({ stdout: 'a b\n' })
    const words = ['-c', `${join(folder, 's6-echo')} x`]
    expect(await kahi(words, { program: join(folder, 'execlineb'), env })).toMatchObject({ stdout: 'x\n' })
    expect(await kahi([], { program: join(folder, 's6-echo'), env })).toMatchObject({ exitCode: 0, stdout: '\n' })
  })

  test('what lies beside it is missing', async () => {
    const folder = join(scratch(), 'kahi')
    mkdirSync(folder)
    cpSync(kahiPath, join(folder, 'kahi'))
    const program = join(folder, 'kahi')
    expect(await kahi(['check'], { program })).toMatchObject({
      exitCode: 111,
      stderr: `kahi: cannot read ${folder}/kahi.js: No such file or directory: install kahi again\n`,
    })
    expect(await kahi(['s6-echo'], { program })).toMatchObject({
      exitCode: 111,
      stderr: `kahi: cannot run ${folder}/kahi-s6: No such file or directory: install kahi again\n`,
    })
  })

  test('a Node.js for another processor, and one whose C library is missing', async () => {
    const folder = install(kahiPath)
    const node = join(folder, 'node')
    const elf = readFileSync(kahiPath)
    elf.writeUInt16LE(0x1234, 18) // e_machine
    writeFileSync(node, elf, { mode: 0o755 })
    const run = () => kahi(['check'], { program: join(folder, 'kahi') })
    const said = (reason: string) =>
      `kahi: ${node} (beside kahi) ${reason}: install a Node.js 20.19 or newer that is made for this system, or set KAHI_NODE to its path\n`
    expect(await run()).toMatchObject({ exitCode: 111, stderr: said('is made for another processor') })
    writeFileSync(node, '#!/no/such/loader\n', { mode: 0o755 })
    expect(await run()).toMatchObject({ exitCode: 111, stderr: said('needs a C library that is not here') })
  })
})

test.skipIf(!isNative)('the native programs are static', () => {
  for (const name of ['kahi', 'kahi-shim', 'kahi-s6'])
    expect([name, isStatic(join(root, 'dist', name))]).toEqual([name, true])
})

/** Whether the program needs no dynamic loader: no segment of type PT_INTERP. Source: elf(5). */
function isStatic(path: string): boolean {
  const elf = readFileSync(path)
  const [offset, size, count] = [Number(elf.readBigUInt64LE(32)), elf.readUInt16LE(54), elf.readUInt16LE(56)]
  return Array.from({ length: count }, (_, index) => elf.readUInt32LE(offset + index * size)).every(
    (type) => type !== 3,
  )
}
