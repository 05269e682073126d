// kahi refuses the files that supervisord refuses, with the place and the reason. test/compat/supervisord-files.test.ts runs the real
// supervisord.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigError, formatDiagnostic } from '../../../config/model/diagnostic.ts'
import { resolveDocument } from '../../../config/resolve/resolve.ts'
import { convert } from '../../helpers/convert.ts'
import { testMachine } from '../../helpers/machine.ts'
import { makeFolder } from '../../helpers/test-folder.ts'
import { program, refused } from './refused.ts'

function problemsOf(body: string): string[] {
  const file = join(makeFolder(), 's.conf')
  writeFileSync(file, body)
  try {
    resolveDocument(convert(file, testMachine()).document, testMachine(), { assumeImage: true })
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.diagnostics
      .filter(({ severity }) => severity === 'error')
      .map((found) => formatDiagnostic(found).replaceAll(file, 's.conf'))
  }
}

test.each(refused)('%s', (_, body, expected) => {
  expect(problemsOf(body).join('\n')).toContain(expected)
})

test('all mistakes of a file are shown at once', () => {
  expect(problemsOf(`${program('startsecs=x\nstopsignal=y')}\n[program:b]\nautostart=z\ncommand=a`)).toHaveLength(3)
})
