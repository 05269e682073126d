// The values of durations, and the meaning of Procfiles. The time for a long text is proportional to its length.

import { expect, test } from 'vitest'
import { secondsOf } from '../../config/values/duration.ts'
import { readProcfile } from '../../converter/procfile.ts'

test.each([
  ['10s', 10],
  ['500ms', 0.5],
  ['1m30s', 90],
  [' 1.5 h ', 5400],
  ['1d', 86_400],
  ['10', undefined],
  ['s', undefined],
  ['1s1m', undefined],
  ['1s2s', undefined],
  ['10 sec', undefined],
  ['', undefined],
  ['1'.repeat(1_000_000), undefined],
  [`1${' '.repeat(1_000_000)}`, undefined],
])('%.20s', (text, seconds) => {
  expect(secondsOf(text)).toBe(seconds)
})

test('a Procfile with a long line and with many lines', () => {
  const lines = Array.from({ length: 50_000 }, (_, index) => `p${index}: sleep ${index}`)
  const blank = `long: echo${' '.repeat(200_000)}x`
  expect(readProcfile([...lines, blank].join('\n'), 'Procfile').tables).toHaveLength(50_001)
})
