// Regular expressions of a configuration: an accepted expression means the same in JavaScript and in the engine that runs it.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linePattern } from '../../config/values/line-pattern.ts'
import { lineMatcher } from '../../runtime/service/process/line-matcher.ts'

const PIECES = [
  ...[
    'a',
    'b',
    'ab',
    '.',
    '\\d',
    '\\W',
    '\\s',
    '\\b',
    '\\B',
    '[ab]',
    '[^a]',
    '[\\d_-]',
    '[]',
    '[^]',
    '[a-c.]',
    '[[]',
    '\\[',
    '\\/',
  ],
  ...[
    '(?:',
    '(',
    '(?<n>',
    ')',
    '|',
    '*',
    '+',
    '?',
    '*?',
    '{2}',
    '{1,}',
    '{0,2}',
    '{,2}',
    '{',
    '}',
    ']',
    '^',
    '$',
    '\\x41',
    '\\u0062',
  ],
  ...[
    '-',
    '_',
    ' ',
    '\\-',
    '\\ ',
    '\\t',
    '[\\]a]',
    '[\\b]',
    '\\q',
    '\\1',
    '\\k<n>',
    '(?=',
    '(?<!',
    '\\p{L}',
    '[a-\\d]',
    '{1001}',
    '\\A',
    'é',
  ],
]

/** A line of the letters that the pieces match. */
const lines = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '1', '_', '-', ' ', '[', '\t', 'é', '.'), maxLength: 6 })

describe('regular expressions', () => {
  test('an accepted one finds the same as in JavaScript', async () => {
    let accepted = 0
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...PIECES), { maxLength: 7 }), lines, async (pieces, line) => {
        const text = pieces.join('')
        try {
          linePattern(text)
        } catch {
          return
        }
        accepted += 1
        const fits = await lineMatcher(text)
        expect(fits(line), `/${text}/ on ${JSON.stringify(line)}`).toBe(new RegExp(text).test(line))
      }),
      { numRuns: 5000 },
    )
    expect(accepted).toBeGreaterThan(500)
  })

  test('counts up to the limit compile', async () => {
    for (const text of ['a{999}', '(?:(?:a{10}){9}){9}', '(){499}', `${'a{9}'.repeat(100)}`]) {
      expect(linePattern(text)).toBe(text)
      await lineMatcher(text)
    }
    const tooLarge = 'more than 1000 parts'
    for (const text of ['a{1001}', '(a{500}){500}', '((a{100}){100}){100}', '(){1001}', 'a'.repeat(1001)])
      expect(() => linePattern(text)).toThrow(tooLarge)
  })

  test.each([
    ['up(?=x)', 'cannot look ahead or behind ("(?=")'],
    ['(?<!x)up', 'cannot look ahead or behind ("(?<!")'],
    ['(a)\\1', 'cannot refer back to a group ("\\\\1")'],
    ['(?<n>a)\\k<n>', 'cannot refer back to a group ("\\\\k")'],
    ['\\p{L}', 'do not know the escape "\\\\p"'],
    ['[\\b]', '"\\\\b" cannot be used between [ and ]'],
    ['[a-\\d]', 'a range ends with a class; write "-" last'],
    ['[[:alpha:]]', 'write "\\[:", or name the characters'],
    ['(up', '"(up" is not a regular expression: Unterminated group'],
  ])('%s is refused: %s', (text, message) => {
    expect(() => linePattern(text)).toThrow(message)
  })
})
