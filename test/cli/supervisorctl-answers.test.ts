// supervisorctl checks the answers of the daemon: the shapes that it accepts, and its errors for other shapes.

import { expect, test } from 'vitest'
import { changesIn, infosIn, statusesIn, UnexpectedAnswer } from '../../cli/compat/supervisorctl/answers.ts'

const result = { group: 'web', name: 'web', status: 80, description: 'OK' }

test('answers of the expected shape are taken as they are', () => {
  expect(infosIn([{ name: 'web' }])).toEqual([{ name: 'web' }])
  expect(statusesIn([result])).toEqual([result])
  expect(changesIn([[['a'], [], ['b', 'c']]])).toEqual([['a'], [], ['b', 'c']])
})

test.each([
  ['no list of structs', () => infosIn('web')],
  ['a list of texts', () => infosIn(['web'])],
  ['a list of lists', () => statusesIn([[1]])],
  ['a result without a number', () => statusesIn([{ ...result, status: '80' }])],
  ['a list without a triple', () => changesIn([])],
  ['a triple of two', () => changesIn([[[], []]])],
])('%s is an error', (_what, read) => {
  expect(read).toThrow(UnexpectedAnswer)
})
