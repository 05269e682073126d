// kahi's commands of s6 and Debian's: the same arguments in the same directory give the same output, messages and exit code.
// kahi's commands follow a later version than Debian's. These differences are masked in the helper or listed in a table here.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Result, scratch } from '../../helpers/kahi.ts'
import { masked, noRealTools, ourCommands, realCommand, runReal, runTool, type Run } from '../../helpers/s6-tools.ts'

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
