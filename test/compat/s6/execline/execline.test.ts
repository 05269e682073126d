// execline of dist/kahi-s6 and Debian's execline: the same scripts give the same output, messages and exit code. Each line is one
// script. docs/compat/s6-commands.md lists the deliberate differences.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { debianCommands, noRealExecline, runBoth } from '../../../helpers/execline.ts'
import { kahi, scratch } from '../../../helpers/kahi.ts'
import { runTool, toolsProgram } from '../../../helpers/s6-tools.ts'
import { CALLS } from './calls.ts'
import { ENVIRONMENT } from './environment.ts'
import { FLOW } from './flow.ts'
import { PROCESSES } from './processes.ts'
import { WORDS } from './words.ts'

if (noRealExecline !== undefined) console.log(`the commands of execline are not compared: ${noRealExecline}`)

describe.skipIf(noRealExecline !== undefined)('beside Debian', () => {
  test.each(Object.entries({ ...WORDS, ...FLOW, ...PROCESSES, ...ENVIRONMENT }))('%s', (_, texts) => {
    const input = 'one\ntwo\n\nthree\n'
    const { real, ours } = runBoth(texts.map((text) => ({ text, input })))
    expect(ours).toEqual(real)
  })

  test('options, arguments, variables and input', () => {
    const { real, ours } = runBoth(CALLS)
    expect(ours).toEqual(real)
  })
})

test.skipIf(noRealExecline !== undefined)('every command of Debian is in one of these scripts', () => {
  const scripts = [
    ...Object.values({ ...WORDS, ...FLOW, ...PROCESSES, ...ENVIRONMENT }).flat(),
    ...CALLS.map(({ text }) => text),
  ]
  const words = new Set(scripts.flatMap((text) => text.split(/[^\w-]+/)))
  expect(debianCommands().filter((name) => !words.has(name) && name !== 'execlineb')).toEqual([])
})

// Inputs that the original cannot do in memory, and what later versions than Debian's have.
test.skipIf(toolsProgram === undefined).each([
  [['execlineb', '-S4000000000', '-c', 'echo <${1}> <${4000000000}> $@'], { stdout: '<> <>\n' }],
  [['execlineb', '-c', '{'.repeat(3) + ' { '.repeat(20_000) + ' } '.repeat(20_000)], { exitCode: 111 }],
  [
    ['execlineb', '-Pc', 'define -s X "0 1 2 3 4 5 6 7 8 9" echo ${X}${X}${X}${X}${X}${X}${X}${X}${X}'],
    { exitCode: 126 },
  ],
  [['execlineb', '-Pec', 'importas -S HOME echo ${HOME}'], { stdout: '/h\n' }],
  [['execlineb', '-Pc', 'export-array X { a "b c" } printenv X'], { stdout: '1:a,3:b c,\n' }],
  [['execlineb', '-Pc', 'export-array -d : X { a "b c" } printenv X'], { stdout: 'a:b c:\n' }],
  [['execlineb', '-Pc', 'elglob -s -n -d : X /etc/host[n]* echo ${X}'], { stdout: '/etc/hostname\n' }],
  [['execlineb', '-Pc', 'forx -P 2 -E X { a a a } echo ${X}'], { stdout: 'a\na\na\n' }],
  [['execlineb', '-Pc', 'redirfd -rfE FD /etc/hostname fdclose ${FD} echo ${FD}'], { stdout: '3\n' }],
  [['execlineb', '-Pc', 'emptyenv -l printenv LD_LIBRARY_PATH'], { exitCode: 1 }],
])('more than Debian has, %#', async (words, expected) => {
  const directory = scratch()
  mkdirSync(join(directory, 'bin'))
  await kahi(['install', '--as', 's6-overlay', '--dir', directory])
  const run = { env: { HOME: '/h' } }
  expect(await runTool(join(directory, 'command'), words, run)).toMatchObject({ exitCode: 0, ...expected })
})

test.skipIf(toolsProgram === undefined)('scripts run in an image that has no other execline', async () => {
  const directory = scratch()
  mkdirSync(join(directory, 'bin'))
  expect((await kahi(['install', '--as', 's6-overlay', '--dir', directory])).exitCode).toBe(0)
  for (const place of ['command', 'usr/bin', 'bin']) {
    const script = `#!${join(directory, place, 'execlineb')} -S1\nforx -E X { a b } backtick -E Y { echo \${X} } if { test -n \${Y} } echo \${Y} \${1}\n`
    writeFileSync(join(directory, 'script'), script, { mode: 0o755 })
    expect(
      await runTool(directory, ['script', 'c'], { env: { PATH: `${join(directory, place)}:/usr/bin:/bin` } }),
    ).toEqual({
      exitCode: 0,
      stdout: 'a c\nb c\n',
      stderr: '',
      signal: undefined,
    })
  }
})
