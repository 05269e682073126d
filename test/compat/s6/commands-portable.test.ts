// The commands of s6-portable-utils, which Debian does not have, and the list of all commands.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { type Result, root, scratch } from '../../helpers/kahi.ts'
import { noRealTools, ourCommands, runTool, toolsProgram } from '../../helpers/s6-tools.ts'

// Debian has no s6-portable-utils; what is expected here was seen with version 2.3.1.2.
test.skipIf(noRealTools !== undefined).each<[readonly string[], Partial<Result> & { input?: string }]>([
  [['s6-echo', 'a', 'b'], { stdout: 'a b\n' }],
  [['s6-echo', '-n', '-s', ',', 'a', 'b'], { stdout: 'a,b' }],
  [['s6-echo', '-n', '--', '-n'], { stdout: '-n' }],
  [['s6-echo', '-x'], { exitCode: 100, stderr: 's6-echo: usage: s6-echo [ -n ] [ -s sep ] args...\n' }],
  [['s6-true', 'x'], {}],
  [['s6-false'], { exitCode: 1 }],
  [['s6-cat', 'ignored'], { input: 'what comes in', stdout: 'what comes in' }],
  [['s6-sleep', '-m', '1', 'echo', 'after'], { stdout: 'after\n' }],
  [['s6-sleep', '0'], {}],
  [['s6-sleep', 'x'], { exitCode: 100 }],
  [['s6-maximumtime', '-k', '30', 'sleep', '9'], { exitCode: 99 }],
  [['s6-maximumtime', '9000', 'sh', '-c', 'exit 3'], { exitCode: 3 }],
  [['s6-maximumtime', '0', 'sh', '-c', 'kill $$'], { exitCode: 111 }],
  [['s6-maximumtime', '9', 'nothing'], { exitCode: 111 }],
  [
    ['with-retries', '-n', '2', '-t', '9000', 'sh', '-c', 'echo tried; exit 1'],
    { exitCode: 1, stdout: 'tried\ntried\n' },
  ],
  [['with-retries', 'echo', 'once'], { stdout: 'once\n' }],
  [['s6-seq', '3'], { stdout: '1\n2\n3\n' }],
  [['s6-seq', '-ws', ' ', '8', '2', '12'], { stdout: '08 10 12 ' }],
  [['s6-basename', '/a/b.sh', '.sh'], { stdout: 'b\n' }],
  [['s6-dirname', '-n', '/a/b.sh'], { stdout: '/a' }],
  [['s6-head', '-2'], { input: '1\n2\n3\n', stdout: '1\n2\n' }],
  [['s6-sort', '-u'], { input: 'b\na\nb', stdout: 'a\nb\n' }],
  [['s6-sort', '-c'], { input: 'b\na\n', exitCode: 1 }],
  [['s6-printenv'], { stdout: expect.stringContaining('PATH=') }],
  [['s6-env', '-i', 'A=1', 's6-printenv'], { stdout: 'A=1\n' }],
  [['s6-setlock', '-d', '7', 'lock', 'sh', '-c', 'readlink /proc/$$/fd/7 | grep -o lock$'], { stdout: 'lock\n' }],
  [
    ['s6-setlock', 'lock', 'sh', '-c', 's6-setlock -t 30 lock echo both'],
    { exitCode: 1, stderr: 's6-setlock: fatal: lock lock: timed out\n' },
  ],
  [['s6-nice', '-n', '3', 'nice'], { stdout: '3\n' }],
  [['s6-chmod', '8', '.'], { exitCode: 100 }],
  [['s6-chown', '-U', '.'], { exitCode: 100, stderr: 's6-chown: fatal: UID not set\n' }],
  [['s6-mkdir', '.'], { exitCode: 111, stderr: 's6-mkdir: warning: unable to mkdir .: File exists\n' }],
  [['s6-mkdir', '-pv', 'a/b'], { stderr: 's6-mkdir: created directory a\ns6-mkdir: created directory a/b\n' }],
  [['nothing'], { exitCode: undefined }],
])('%j gives %j', async (words, { input, ...expected }) => {
  const run = { cwd: scratch(), ...(input === undefined ? {} : { input }) }
  expect(await runTool(ourCommands(), words, run)).toMatchObject({ exitCode: 0, ...expected })
})

test.skipIf(noRealTools !== undefined)('files are made, linked, copied and removed', async () => {
  const [folder, commands] = [scratch(), ourCommands()]
  const act = async (...words: string[]) => {
    const { exitCode, stdout, stderr } = await runTool(commands, words, { cwd: folder })
    expect({ words, stderr, exitCode }).toEqual({ words, stderr: '', exitCode: 0 })
    return stdout
  }
  await act('s6-mkdir', '-p', 'tree/inner')
  await act('s6-touch', 'tree/a', 'tree/inner/.b')
  await act('s6-mkfifo', '-m', '0622', 'tree/fifo')
  await act('s6-ln', '-s', 'a', 'tree/link')
  await act('s6-chown', '-u', '7', '-g', '8', 'tree/a')
  await act('s6-chmod', '4711', 'tree/a')
  await act('s6-chmod', '0500', 'tree/inner')
  await act('s6-hiercopy', 'tree', 'copy')
  await act('s6-hiercopy', 'tree///', 'slashed/')
  expect(readdirSync(join(folder, 'slashed'), { recursive: true }).sort()).toEqual(
    readdirSync(join(folder, 'tree'), { recursive: true }).sort(),
  )
  expect(readdirSync(folder).sort()).toEqual(['copy', 'slashed', 'tree'])
  const [fifo, a] = [statSync(join(folder, 'copy/fifo')), statSync(join(folder, 'copy/a'))]
  expect([fifo.isFIFO(), (fifo.mode & 0o777).toString(8)]).toEqual([true, '622'])
  expect([(a.mode & 0o7777).toString(8), a.uid, a.gid]).toEqual(['4711', 7, 8])
  expect((statSync(join(folder, 'copy/inner')).mode & 0o777).toString(8)).toBe('500')
  expect((await act('s6-ls', 'copy')).split('\n').sort()).toEqual(['', 'a', 'fifo', 'inner', 'link'])
  expect(await act('s6-ls', '-a', 'copy/inner')).toBe('.b\n')
  await act('s6-ln', '-sf', 'fifo', 'copy/link')
  await act('s6-rename', 'copy/link', 'copy/other')
  await act('s6-rmrf', 'tree', 'nothing')
  expect((await act('s6-ls', '-x', 'a', 'copy')).split('\n').sort()).toEqual(['', 'fifo', 'inner', 'other'])
  await act('s6-dumpenv', 'env')
  expect(readFileSync(join(folder, 'env/PATH'), 'utf8')).toContain(commands)
})

test.skipIf(noRealTools !== undefined)('every command is in the page, and works as a word of kahi-s6 too', async () => {
  const [folder, name] = [dirname(toolsProgram ?? ''), basename(toolsProgram ?? '')]
  const { stdout } = await runTool(folder, [name, '--list'])
  const page = readFileSync(join(root, 'docs/compat/s6-commands.md'), 'utf8')
  expect(
    stdout
      .trim()
      .split('\n')
      .filter((name) => !page.includes(`\`${name}\``)),
  ).toEqual([])
  expect(await runTool(folder, [name, 's6-echo', 'hello'])).toMatchObject({ stdout: 'hello\n' })
  expect(await runTool(folder, [name])).toMatchObject({ exitCode: 100 })
})
