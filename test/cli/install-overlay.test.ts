// `kahi install --as s6-overlay` on the root of an image: it makes links for all names, keeps the originals, and can undo all changes.

import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, kahiPath, root as checkout, scratch } from '../helpers/kahi.ts'
import { toolsProgram } from '../helpers/s6-tools.ts'

if (toolsProgram === undefined) console.log('install --as s6-overlay is not tested: no C compiler built dist/kahi-s6')

/** An image with originals in some places. */
function image(): string {
  const root = scratch()
  for (const path of ['usr/bin', 'command', 'package']) mkdirSync(join(root, path), { recursive: true })
  symlinkSync('usr/bin', join(root, 'bin'))
  writeFileSync(join(root, 'init'), '#!/bin/sh -e\n', { mode: 0o755 })
  writeFileSync(join(root, 'usr/bin/with-contenv'), 'the original', { mode: 0o711 })
  symlinkSync('../package/nothing', join(root, 'command/s6-svstat'))
  return root
}

/** Every entry: mode, and content or target. */
function picture(root: string): unknown {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((path) => {
      const stat = lstatSync(join(root, path))
      const content = stat.isSymbolicLink()
        ? readlinkSync(join(root, path))
        : stat.isFile() && readFileSync(join(root, path), 'utf8')
      return [path, stat.mode.toString(8), content]
    })
}

const install = (root: string, ...more: string[]) => kahi(['install', '--as', 's6-overlay', '--dir', root, ...more])

test.skipIf(toolsProgram === undefined)('links are made, originals kept, and all is put back', async () => {
  const root = image()
  const before = picture(root)
  const made = await install(root)
  expect(made).toMatchObject({ exitCode: 0, stderr: '' })
  expect(made.stdout).toContain(`${root}/init -> ${kahiPath} (the original is kept as ${root}/init.kahi-original)`)
  expect(made.stdout).toContain(`${root}/command/s6-rc -> ${kahiPath}\n`)
  for (const path of ['command/s6-svc', 'usr/bin/s6-log', 'bin/with-contenv', 'command/s6-svstat'])
    expect(readlinkSync(join(root, path))).toBe(`${kahiPath}-s6`)
  expect(readFileSync(join(root, 'bin/with-contenv.kahi-original'), 'utf8')).toBe('the original')
  const after = picture(root)
  const again = await install(root)
  expect(again).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining(' -> ') as unknown })
  expect(picture(root)).toEqual(after)
  expect((await install(root, '--undo')).stdout).toContain(`restored ${root}/init\n`)
  expect(picture(root)).toEqual(before)
  expect(await install(root, '--undo')).toMatchObject({ exitCode: 0, stdout: '' })
})

test.skipIf(toolsProgram === undefined)(
  'the commands work by their names, and inside an image by its paths',
  async () => {
    const root = image()
    mkdirSync(join(root, 'opt'))
    cpSync(join(checkout, 'dist'), join(root, 'opt/kahi'), { recursive: true })
    const program = join(root, 'opt/kahi/kahi')
    expect((await kahi(['install', '--as', 's6-overlay', '--dir', root], { program })).exitCode).toBe(0)
    expect(readlinkSync(join(root, 'command/s6-true'))).toBe('/opt/kahi/kahi-s6')
    expect(readlinkSync(join(root, 'init'))).toBe('/opt/kahi/kahi')
    await install(root, '--undo')
    expect((await install(root)).exitCode).toBe(0)
    expect(await kahi(['hello'], { program: join(root, 'usr/bin/s6-echo') })).toMatchObject({ stdout: 'hello\n' })
    expect(await kahi(['help'], { program: join(root, 'command/s6-rc-db') })).toMatchObject({ exitCode: 0 })
  },
)

test.skipIf(toolsProgram === undefined)(
  'what cannot be undone is refused, and what is no longer ours stays',
  async () => {
    const root = image()
    mkdirSync(join(root, 'usr/bin/s6-svc'))
    const before = picture(root)
    expect(await install(root)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('is a directory') as unknown,
    })
    expect(picture(root)).toEqual(before)
    rmSync(join(root, 'usr/bin/s6-svc'), { recursive: true })
    expect((await install(root)).exitCode).toBe(0)
    rmSync(join(root, 'init'))
    writeFileSync(join(root, 'init'), 'another')
    expect(await install(root)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('came back') as unknown })
    const undone = await install(root, '--undo')
    expect(undone).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`${root}/init is no longer`) as unknown,
    })
    expect(readFileSync(join(root, 'init'), 'utf8')).toBe('another')
    expect(existsSync(join(root, 'init.kahi-original'))).toBe(true)
    expect(existsSync(join(root, 'command/s6-svc'))).toBe(false)
    rmSync(join(root, 'init'))
    expect((await install(root, '--undo')).exitCode).toBe(0)
    expect(readFileSync(join(root, 'init'), 'utf8')).toContain('#!/bin/sh')
  },
)

test.skipIf(toolsProgram === undefined)('one that broke off can be done again or undone', async () => {
  const root = image()
  const before = picture(root)
  await install(root)
  rmSync(join(root, 'command/s6-svc')) // as if it had ended before this one
  expect((await install(root)).stdout).toContain(`${root}/command/s6-svc -> `)
  rmSync(join(root, 'command/s6-svc'))
  await install(root, '--undo')
  expect(picture(root)).toEqual(before)
})

test.skipIf(toolsProgram === undefined)('every script whose interpreter is missing is named', async () => {
  const root = image()
  writeFileSync(join(root, 'usr/bin/bash'), '', { mode: 0o755 })
  const scripts = {
    'etc/services.d/web/run': '#!/usr/bin/execlineb -P\nweb\n',
    'etc/services.d/web/finish': '#!/usr/bin/nosuch\n',
    'etc/cont-init.d/1': '#!/command/with-contenv bash\n',
    'etc/cont-init.d/2': '#!/usr/bin/with-contenv bashio\n',
    'etc/cont-init.d/3': '#!/bin/bash\r\n',
    'etc/cont-init.d/4': '#!/usr/bin/env python3\n',
    'etc/s6-overlay/s6-rc.d/a/run': '#!/bin/bash\n',
    'etc/s6-overlay/scripts/b': '#!/opt/tool -x\n',
    'etc/s6-overlay/s6-rc.d/a/type': 'longrun\n',
  }
  for (const [name, text] of Object.entries(scripts)) {
    mkdirSync(join(root, dirname(name)), { recursive: true })
    writeFileSync(join(root, name), text, { mode: 0o755 })
  }
  const { exitCode, stderr } = await install(root)
  expect(exitCode).toBe(0)
  expect(stderr.match(/^warning: .*cannot run.*$/gm)).toEqual(
    [
      ['/etc/cont-init.d/2', 'bashio'],
      ['/etc/cont-init.d/3', String.raw`/bin/bash\r`],
      ['/etc/cont-init.d/4', '/usr/bin/env'],
      ['/etc/services.d/web/finish', '/usr/bin/nosuch'],
      ['/etc/s6-overlay/scripts/b', '/opt/tool'],
    ].map(([script, name]) => `warning: ${script} cannot run: the image has no ${name}, which its first line names`),
  )
})

test.skipIf(toolsProgram === undefined)(
  'nothing outside the image is changed, whatever its links and its record say',
  async () => {
    const [root, machine] = [image(), scratch()]
    const words = ['install', '--as', 's6-overlay', '--dir', root]
    rmSync(join(root, 'command'), { recursive: true })
    symlinkSync(machine, join(root, 'command'))
    expect(await kahi(words)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('a link leads out of it') })
    expect(readdirSync(machine)).toEqual([])
    rmSync(join(root, 'command'))
    const target = join(machine, 'sh')
    symlinkSync('dash', target)
    mkdirSync(join(root, 'var/lib/kahi'), { recursive: true })
    const record = { links: [{ path: `${root}/../${basename(machine)}/sh`, target: 'dash' }], directories: [] }
    writeFileSync(join(root, 'var/lib/kahi/s6-overlay.json'), JSON.stringify(record))
    for (const more of [['--undo'], []])
      expect(await kahi([...words, ...more])).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('is not inside'),
      })
    expect(readlinkSync(target)).toBe('dash')
  },
)
