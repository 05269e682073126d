// The commands of s6 beside Debian's: the same words in the same place give the same output, messages and exit code.
// Where ours follow a later version than Debian's, the difference is masked in the helper or stands in a table here.

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Result, root, scratch } from '../../helpers/kahi.ts'
import {
  masked,
  noRealTools,
  ourCommands,
  realCommand,
  runReal,
  runTool,
  toolsProgram,
  type Run,
} from '../../helpers/s6-tools.ts'

if (noRealTools !== undefined) console.log(`the commands of s6 are not compared: ${noRealTools}`)

async function both(words: readonly string[], run: Run = {}): Promise<{ ours: Result; real: Result }> {
  return { ours: await runTool(ourCommands(), words, run), real: await runReal(words, run) }
}

async function expectSame(words: readonly string[], run: Run = {}): Promise<Result> {
  const { ours, real } = await both(words, run)
  expect(masked(ours)).toEqual(masked(real))
  return ours
}

const show = ['/bin/sh', '-c', 'id -u; id -g; id -G; env | LC_ALL=C sort | grep -v -e ^PATH= -e ^PWD= -e ^_=']

describe.skipIf(noRealTools !== undefined)('beside the real commands', () => {
  test('s6-softlimit -m limits all kinds of memory', async ({ skip }) => {
    if (process.env.KAHI_TEST_TOOLS !== undefined) skip('a program with sanitizers needs more address space')
    await expectSame(['s6-softlimit', '-m', '400000000', 'sh', '-c', 'ulimit -v; ulimit -s; ulimit -d; ulimit -l'])
  })

  test.each([
    // who
    [['s6-setuidgid']],
    [['s6-setuidgid', 'nosuch', 'true']],
    [['s6-setuidgid', 'nobody', 'no-such-program']],
    [['s6-setuidgid', 'nobody', '/etc/passwd']],
    [['s6-setuidgid', 'nobody', ...show]],
    [['s6-setuidgid', 'games', ...show]],
    [['s6-setuidgid', '12:34', ...show]],
    [['s6-setuidgid', '', ...show]],
    [['s6-setuidgid', 'nobody', 'sh', '-c', 'exit 7']],
    [['s6-envuidgid', 'nobody', ...show]],
    [['s6-envuidgid', '-u', 'nobody', ...show]],
    [['s6-envuidgid', '-B', 'nobody:games', ...show]],
    [['s6-envuidgid', '-B', ':games', ...show]],
    [['s6-envuidgid', '-nB', '77:88', ...show]],
    [['s6-envuidgid', '-B', '77:88', ...show]],
    [['s6-envuidgid', '-g', 'nosuch', ...show]],
    [['s6-envuidgid', '-D', '5:6:7,8', 'nosuch', ...show]],
    [['s6-envuidgid', '-D', 'x', 'nosuch', ...show]],
    [['s6-applyuidgid', '-u', '65534', '-g', '65534', '-G', '1,2', ...show]],
    [['s6-applyuidgid', '-u', '65534', '-G', '', ...show]],
    [['s6-applyuidgid', '-U', 'true']],
    [['s6-applyuidgid', '-u', 'x', 'true']],
    // prefixes
    [['s6-softlimit', '-o', '77', 'sh', '-c', 'ulimit -Sn; ulimit -Hn']],
    [['s6-softlimit', '-h', '-o', '99', 'sh', '-c', 'ulimit -Sn; ulimit -Hn']],
    [['s6-softlimit', '-c', '=', 'sh', '-c', 'ulimit -c']],
    [['s6-softlimit', '-H', '-t', '5', 'sh', '-c', 'ulimit -t; ulimit -Ht']],
    [['s6-softlimit', '-o', 'x', 'true']],
    [['s6-softlimit']],
    [['s6-setsid', 'sh', '-c', 'ps -o pid=,sid= -p $$ | { read p s; test $p = $s && echo leads; }']],
    [['s6-setsid']],
    [['s6-setlock', '-n', '/no/such/lock', 'true']],
    [['s6-setlock', 'lock']],
    [['s6-setlock', '-n', 'lock', 'echo', 'has it']],
    [['s6-setlock', '-n', 'lock', 's6-setlock', '-n', 'lock', 'echo', 'both']],
    // usage and systems errors
    [['s6-svc']],
    [['s6-svc', '-w']],
    [['s6-svc', '-wx', '.']],
    [['s6-svc', '-X', '.']],
    [['s6-svc', '--up', '.']],
    [['s6-svc', '-T', 'x', '.']],
    [['s6-svc', '']],
    [['s6-svstat']],
    [['s6-svstat', '-o', 'nothing', '.']],
    [['s6-svstat', '-x', '.']],
    [['s6-svstat', '/no/such']],
    [['s6-svstat', '.']],
    [['s6-svok']],
    [['s6-svok', '/no/such']],
    [['s6-svok', '.']],
    [['s6-svwait', '-x']],
    [['s6-svwait', '/no/such']],
    [['s6-svlisten', '-u', '.']],
    [['s6-svlisten', '-u', '.', 'true']],
    [['s6-svlisten1', '-u', '.']],
    [['s6-svscanctl']],
    [['s6-svscanctl', '-y', '.']],
    [['s6-svscanctl', '-a', '.']],
    [['s6-svscanctl', '-a', '/no/such']],
    [['s6-svdt']],
    [['s6-svdt', '/no/such']],
    [['s6-svdt-clear', '/no/such']],
    [['s6-permafailon']],
    [['s6-permafailon', '60', '0', '1']],
    [['s6-permafailon', 'x', '3', '1', 'true']],
    [['s6-permafailon', '60', '3', '256', 'true']],
    [['s6-permafailon', '60', '3', '9-1', 'true']],
    [['s6-permafailon', '60', '3', '9-', 'true']],
    [['s6-permafailon', '60', '3', 'SIGNOSUCH', 'true']],
    [['s6-permafailon', '60', '3', '1-255,SIGSEGV', 'echo', 'goes on']],
    [['s6-permafailon', '60', '3', '1']],
    [['s6-notifyoncheck']],
    [['s6-notifyoncheck', '-3', '1', 'true']],
    [['s6-envdir', '/no/such', 'true']],
    [['s6-envdir', '-I', '/no/such', 'echo', 'still']],
    [['s6-envdir', '.']],
    [['s6-log']],
    [['s6-log', 'foo']],
    [['s6-log', 'x']],
    [['s6-log', 'n20']],
    [['s6-log', 's0x', '1']],
    [['s6-log', '+(', '1']],
    [['s6-log', 's9000', 'l8000', '1']],
    [['s6-log', '-d', '1', '1']],
    [['s6-log', '/no/such/log']],
  ])('%j', async (words) => {
    await expectSame(words, { cwd: scratch() })
  })

  test.each([[[]], [['-f']], [['-n']], [['-fn']], [['-L']], [['-fL']], [['-c', '_']]])(
    's6-envdir %j',
    async (options) => {
      const folder = scratch()
      const files: Record<string, string | Buffer> = {
        PLAIN: 'value\nsecond line\n',
        BLANKS: '  value \t \n',
        NONE: '',
        EMPTY: '\n',
        ...(options.includes('-L') ? {} : { NO_NEWLINE: 'value' }), // which the real one loses with -L alone
        ZERO: Buffer.from('a\0b\nc\0d\n'),
        LONG: `${'x'.repeat(6000)}\n`,
        '.hidden': 'x',
        'A=B': 'x',
      }
      mkdirSync(join(folder, 'env'))
      for (const [name, value] of Object.entries(files)) writeFileSync(join(folder, 'env', name), value)
      await expectSame(['s6-envdir', ...options, 'env', ...show], { cwd: folder, env: { NONE: 'was', PLAIN: 'was' } })
    },
  )

  const now = Math.floor(new Date().getTime() / 1000)
  /** The time, exit code and signal of a death as s6-supervise writes it. */
  const death = (ago: number, code: number, signal: number): Buffer => {
    const record = Buffer.alloc(14)
    record.writeBigUInt64BE(2n ** 62n + BigInt(now + 10 - ago))
    record.set([code, signal], 12)
    return record
  }
  test.each([
    ['1-255,SIGSEGV', [death(3, 3, 0), death(2, 0, 11), death(1, 1, 0)]],
    ['1-255', [death(3, 3, 0), death(2, 0, 11), death(1, 1, 0)]],
    ['SIGSEGV 3', [death(3, 3, 0), death(2, 0, 11), death(1, 3, 0), death(1, 0, 11)]],
    ['segv;15', [death(3, 139, 11), death(2, 139, 11), death(1, 139, 11)]],
    ['0-255', [death(3000, 3, 0), death(2, 1, 0), death(1, 1, 0)]],
    ['0-255', [death(2, 1, 0), death(1, 1, 0)]],
    ['0-255', [death(2, 1, 0), Buffer.alloc(3)]],
    ['0-255', []],
  ])('s6-permafailon 60 3 %j of deaths %#', async (statuses, deaths) => {
    const folder = scratch()
    mkdirSync(join(folder, 'supervise'))
    writeFileSync(join(folder, 'supervise/death_tally'), Buffer.concat(deaths))
    await expectSame(['s6-permafailon', '60', '3', statuses, 'echo', 'goes on'], { cwd: folder })
  })

  const here = ['-e', '.']
  test
    .skipIf(realCommand('eltest') === undefined)
    .each([
      [[]],
      [['']],
      [['word']],
      [['-n', '']],
      [['-z', '']],
      [['!', '-z', '']],
      [['a', '=', 'a']],
      [['a', '!=', 'a']],
      [['a', '<', 'b']],
      [['b', '>=', 'c']],
      [['12', '-eq', '012']],
      [['-3', '-lt', '2']],
      [['x', '-eq', '2']],
      [['-z', 'x', '-a', 'x', '-eq', '2']],
      [['x', '-o', 'x', '-eq', '2']],
      [['x', '-a', '', '-o', 'y']],
      [['(', 'x', '-a', '', ')', '-o', 'y']],
      [['(', 'x']],
      [['!', '(', '!', 'x', '-o', '(', '', '-a', 'x', '-eq', '2', ')', ')', '-a', 'y']],
      [['x', ')', 'y']],
      [['x', ')']],
      [['x', 'y']],
      [['-n', '-f']],
      [['\\-n', '=', '\\-n']],
      [['-d', '.']],
      [['-f', '.']],
      [['-v', 'PATH']],
      [['-v', 'NO_SUCH']],
      [['-t', 'x']],
      [['-x', '/bin/sh']],
      [['-L', '/proc/self/exe']],
      [['/etc/passwd', '-ef', '/etc/../etc/passwd']],
      [['/no/such', '-ot', '/etc/passwd']],
      [['/etc/passwd', '-nt', '/no/such']],
      [['abc', '=~', '^a.c$']],
      [['abc', '=~', '^x']],
      [[...here, '-a', '!', ...here]],
    ])('s6-test %j as eltest', async (words) => {
    const real = await runReal(['eltest', ...words])
    const ours = await runTool(ourCommands(), ['eltest', ...words])
    expect(masked(ours)).toEqual(masked(real))
    expect((await runTool(ourCommands(), ['s6-test', ...words])).exitCode).toBe(real.exitCode)
  })
})

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
