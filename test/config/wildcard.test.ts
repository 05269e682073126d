// Patterns with wildcards: the time of a match is proportional to the length of the pattern times the length of the text.

import { expect, test } from 'vitest'
import { ANY, fits, literal, type Step } from '../../config/values/wildcard.ts'

test('a pattern of many stars is matched against a long text', () => {
  const many = Array.from({ length: 1000 }, (): readonly Step[] => [ANY, ...literal('a')]).flat()
  const steps = [...many, ...literal('b')]
  expect(fits(steps, 'a'.repeat(10_000))).toBe(false)
  expect(fits([...many, ANY, ...literal('b')], 'a'.repeat(10_000) + 'b')).toBe(true)
})

test('an empty pattern fits an empty text alone, a star everything', () => {
  expect([fits([], ''), fits([], 'a'), fits([ANY], ''), fits([ANY, ANY], 'abc')]).toEqual([true, false, true, true])
})
