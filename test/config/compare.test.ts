// The order of names.

import { expect, test } from 'vitest'
import { compareText } from '../../config/model/compare.ts'

test.each([
  ['B', 'a'],
  ['p10', 'p2'],
  ['p', 'p0'],
  ['\u{ffff}', '\u{1f600}'],
])('%s comes before %s', (left, right) => {
  expect(compareText(left, right)).toBeLessThan(0)
  expect(compareText(right, left)).toBeGreaterThan(0)
  expect(compareText(left, left)).toBe(0)
})
