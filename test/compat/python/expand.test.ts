// Expansions agree with Python's own % formatting.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expand } from '../../../config/values/expand.ts'
import { askPython, hasPython } from '../../helpers/python.ts'

test.skipIf(!hasPython)('agrees with Python on percent formatting (skipped without /usr/bin/python3)', () => {
  const piece = fc.constantFrom(
    '%%',
    '%',
    '(',
    ')',
    'here',
    'n',
    's',
    'd',
    '%(here)s',
    '%(n)d',
    '%(n)05d',
    '%(n)+d',
    '%(n)#x',
    '%(n)e',
    '%(n)-6.3fx',
    '%(here)10.3s',
    '%(here)r',
    '%(n)s',
    '%(no)s',
    'x',
    ' ',
    '%(n)X',
    '%(n)g',
  )
  const texts = fc.sample(
    fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
    3000,
  )
  const bare = /^(?:%%|%\([^()]*\)|[^%])*$/
  const answers = askPython<string | { error: string }>('def ask(t): return t % {"here": "/a b", "n": 42}', texts)
  for (const [index, text] of texts.entries()) {
    const answer = answers[index]
    if (typeof answer === 'string' && !bare.test(text)) continue
    const ours = attempt(() => expand(text, { here: '/a b', n: 42 }, 'percent'))
    expect({ text, result: ours ?? 'error' }).toEqual({ text, result: typeof answer === 'string' ? answer : 'error' })
  }
})

function attempt(action: () => string): string | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}
