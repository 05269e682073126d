// The command of an image of s6-overlay: its descriptors, its terminal, its exit code.

import { describe, expect, test } from 'vitest'
import { bootImage, canBoot } from '../../helpers/image.ts'

import { speaker, version1, version3 } from './files.ts'

const can = canBoot()

describe.runIf(can).each([
  ['version 3', version3],
  ['versions 1 and 2', version1],
])('the command of %s', (_, layout) => {
  test('has the standard descriptors of the container, up to the end of its input', async () => {
    const command = 'readlink /proc/$$/fd/0 /proc/1/fd/0; readlink /proc/$$/fd/1 /proc/1/fd/1; cat; echo oops >&2'
    const daemon = bootImage(layout, ['sh', '-c', command], { stdin: 'pipe' })
    daemon.stdin?.end('typed\n')
    const { exitCode, stdout, stderr } = await daemon.ended()
    const lines = stdout.split('\n').filter((line) => !line.startsWith('['))
    const [input, same, output, alike, ...rest] = lines
    expect([same, alike]).toEqual([input, output])
    expect([exitCode, rest, stderr.split('\n')]).toEqual([0, ['typed', ''], expect.arrayContaining(['oops'])])
  })

  test.each([
    ['is not there', ['nope'], 127],
    ['is not executable', ['/etc/passwd'], 126],
    ['is a directory', ['/etc'], 126],
    ['is in its directory', ['./own'], 3],
    ['is killed', ['sh', '-c', 'kill -9 $$'], layout === version3 ? 137 : 9],
  ])('that %s: %j ends the container with %i', async (_sentence, command, code) => {
    const files = { ...layout, 'srv/own': '#!/bin/sh\nexit 3\n' }
    const through = ['env', '-C', '/srv']
    const daemon = bootImage(files, command, { through })
    expect(await daemon.ended()).toMatchObject({ exitCode: code })
  })

  test('has the terminal: Ctrl-C is for it alone, and a shell has job control', async () => {
    const files = { ...layout, 'etc/services.d/web/run': speaker('web') }
    const daemon = bootImage(files, ['bash', '--norc', '-i'], { stdin: 'terminal' })
    daemon.stdin?.write('stty -echo; test -t 0 -a -t 1 -a -t 2 && tty\n')
    await daemon.line(/\/dev\/pts\/\d+\r?$/)
    daemon.stdin?.write(`sh -c 'echo running; exec sleep 1000'\n`)
    await daemon.line(/running\r?$/)
    daemon.stdin?.write('\x03echo "ended with $?"\n')
    await daemon.line(/ended with 130\r?$/)
    daemon.stdin?.write('sleep 1000 & jobs; kill %1; exit 7\n')
    await daemon.line(/\[1\]\+ .*Running/)
    expect(await daemon.ended()).toMatchObject({ exitCode: 7 })
    expect(daemon.output()).toContain('web ends')
    expect(daemon.output()).not.toMatch(/received SIG|no job control/)
  })
})
