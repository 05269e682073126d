// The commands of s6 and execline, built with sanitizers, in all cases of the other tests of this folder. Wrong uses of memory and
// undefined behaviour fail the case.

import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { buildSanitized } from '../../helpers/sanitizers.ts'
import { scratch } from '../../helpers/kahi.ts'

const built = buildSanitized({ tools: true })
afterAll(() => built.remove())
afterEach(() => expect(built.takeReports()).toEqual([]))

describe.skipIf(built.tools === undefined)('with sanitizers', async () => {
  if (built.tools === undefined) {
    console.log('the commands of s6 are not run with sanitizers: no C compiler here has them')
    return
  }
  process.env.KAHI_TEST_TOOLS = built.tools
  const { ourCommands, runTool } = await import('../../helpers/s6-tools.ts')

  test.each([
    [['s6-ln', '', '/dev/null', '/no/such/directory/x'], {}, 2],
    [['s6-ln', '', '/dev/null', '.'], {}, 2],
    [['s6-sort'], {}, 0],
    [['s6-sort', '-c'], {}, 0],
    [['s6-log', 's200000', 'l90000', 's4096', 'n3', './log'], { input: 'a line\n'.repeat(5000) }, 0],
    [['s6-softlimit', '-o', '99999999999999999999', 'true'], {}, 100],
    [['s6-maximumtime', '18446744073709551616', 'true'], {}, 100],
    [['s6-seq', '4294967295', '4294967295', '4294967295'], {}, 0],
    [['s6-head', '-n', '4294967296'], { input: 'a\n' }, 100],
    [['s6-hiercopy', '////', 'copy'], {}, 111],
  ])('%j once went wrong, or is at a limit', async (words, run, exitCode) => {
    const folder = scratch()
    expect(await runTool(ourCommands(), words, { cwd: folder, ...run })).toMatchObject({ exitCode })
  })

  test('a report is seen', async () => {
    await runTool(ourCommands(), ['s6-softlimit', '-m', '400000000', 's6-true'])
    expect(built.takeReports()).not.toEqual([])
  })

  await import('./commands.test.ts')
  await import('./commands-portable.test.ts')
  await import('./commands-log.test.ts')
  await import('./commands-services.test.ts')
  await import('./execline/execline.test.ts')
  await import('./tools.test.ts')
})
