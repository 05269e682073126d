// The last lines of a text.

import { expect, test } from 'vitest'
import { lastLines } from '../../../runtime/system/last-lines.ts'

test.each([
  ['a\nb\nc\n', 2, 'b\nc\n'],
  ['a\nb\nc', 2, 'b\nc'],
  ['a\nb\n', 3, 'a\nb\n'],
  ['\n\n\n', 2, '\n\n'],
  ['\n', 5, '\n'],
  ['a', 1, 'a'],
  ['', 1, ''],
  ['a\nb', 0, ''],
])('the end of %j with at most %d lines', (text, most, end) => {
  expect(lastLines(Buffer.from(text), most).toString()).toBe(end)
})
