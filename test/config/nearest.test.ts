// The proposals after "did you mean".

import { expect, test } from 'vitest'
import { nearest } from '../../config/values/nearest.ts'

test.each([
  ['comand', ['command', 'directory'], 'command'],
  ['stopwaitsec', ['startsecs', 'stopwaitsecs', 'stopsignal'], 'stopwaitsecs'],
  ['ab', ['ba', 'b', 'abc'], 'ba'],
  ['wbe', ['web'], 'web'],
  ['abcd', ['badc', 'abdc'], 'abdc'],
  ['web', ['database', 'mail'], undefined],
  ['a', ['b1'], undefined],
  ['', ['a'], 'a'],
])('%s of %j is %s', (word, candidates, found) => {
  expect(nearest(word, candidates)).toBe(found)
})

test('a name is not proposed instead of itself', () => {
  expect(nearest('b', ['a', 'b1'], 'a')).toBe('b1')
})

test('candidates are asked for one by one, and not without end', () => {
  let asked = 0
  function* many(): Generator<string> {
    for (;;) {
      asked += 1
      yield `name-${asked}`
    }
  }
  expect(nearest('other', many())).toBeUndefined()
  expect(asked).toBeLessThan(3000)
})
