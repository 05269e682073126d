// kahi reads words and blocks of execline as the real execlineb reads them, on random texts.

import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { argvOf, lexExecline } from '../../converter/execline/lexer.ts'

function read(text: string): readonly string[] | string {
  const lexed = lexExecline(text, 'up')
  return 'error' in lexed ? `${lexed.place.line}:${lexed.place.column} ${lexed.error}` : argvOf(lexed.words)
}

const hasExecline = spawnSync('execlineb', ['-c', 'true']).error === undefined

test.skipIf(!hasExecline)('means what execlineb reads (skipped without execline)', () => {
  const piece = fc.constantFrom(
    'a',
    'b1',
    ' ',
    '\n',
    '\t',
    '\r',
    '"',
    '\\',
    '\\0x',
    '\\1',
    '{',
    '}',
    ' { ',
    ' } ',
    '#',
    "'",
    '$x',
    '0',
    '7',
  )
  const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('').replaceAll(/[{}]+(?=\\)/g, ''))
  fc.assert(
    fc.property(text, (made) => {
      const real = spawnSync('execlineb', ['-P', '-c', `sh -c "printf '%s\\\\0' \\"$0\\" \\"$@\\"" x ${made}`], {
        encoding: 'latin1',
      })
      const ours = read(`x ${made}`)
      if (real.status !== 0) expect(ours, made).toBeTypeOf('string')
      else expect(ours, made).toEqual(real.stdout.split('\0').slice(0, -1))
    }),
    { numRuns: 200 },
  )
})
