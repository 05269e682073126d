// The patterns of [include] find the same files as Python's fnmatch.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { glob } from '../../config/values/glob.ts'
import { makeFolder } from '../helpers/test-folder.ts'

const PYTHON = '/usr/bin/python3'

const FNMATCH =
  'import fnmatch, json, sys; n, p = json.load(sys.stdin); print(json.dumps([fnmatch.filter(n, x) for x in p]))'

test.skipIf(!existsSync(PYTHON))(
  'names that random patterns find are those that fnmatch of Python finds (needs python3)',
  () => {
    const folder = makeFolder()
    const names = ['a', 'ab', 'abc', 'b-a', 'ba', 'c', 'a]b', 'x!', '-', 'a.b', 'é', '🙂', 'a^', 'aab', '\\']
    mkdirSync(join(folder, 'd'))
    for (const name of names) writeFileSync(join(folder, 'd', name), '')
    const piece = fc.constantFrom(
      '*',
      '?',
      'a',
      'b',
      '[ab]',
      '[!a]',
      '[a-c]',
      '[^a]',
      '[]b]',
      '[',
      '[c-a]',
      '[-a]',
      '.',
      '\\',
    )
    const word = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''))
    const patterns = fc.sample(word, { seed: 7, numRuns: 500 }).filter((text) => !text.startsWith('.'))
    const answer = execFileSync(PYTHON, ['-c', FNMATCH], {
      input: JSON.stringify([names, patterns]),
      encoding: 'utf8',
    })
    const expected = (JSON.parse(answer) as string[][]).map((found) => found.toSorted())
    const found = patterns.map((pattern) =>
      glob(join(folder, 'd', pattern)).map((path) => path.slice(folder.length + 3)),
    )
    expect(found.map((list) => list.toSorted())).toEqual(expected)
  },
)
