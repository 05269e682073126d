// Words of unit files: a word with any content is the same after it was written to a unit file and read again.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCommand, readEnvironmentFile, readWords } from '../../converter/export/systemd/read-words.ts'
import { assignment, commandLine, environmentLine, isAllowedValue } from '../../converter/export/systemd/words.ts'

const word = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(...'%$"\'\\;{} \n\t\x01#aX=`'.split('')) }),
)
const words = fc.array(
  word.filter((one) => !one.includes('\0')),
  { minLength: 1 },
)

test('a command line has the words that were written, and one line', () => {
  fc.assert(
    fc.property(words, (argv) => {
      const line = commandLine(['/bin/echo', ...argv])
      expect(line).not.toMatch(/[\n\r]/)
      expect(readCommand(line).argv).toEqual(['/bin/echo', ...argv])
    }),
  )
})

test('no word is a separator, a specifier or a variable', () => {
  expect(commandLine([';', '%n', '$HOME', '${HOME}', '@x', ''])).toBe('";" "%%n" "$$HOME" "$${HOME}" @x ""')
  expect(commandLine(['\uE000PORT:80\uE001/x'])).toBe('"${PORT}/x"')
})

test('assignments and environment files have the values that were written', () => {
  fc.assert(
    fc.property(word.filter(isAllowedValue), (value) => {
      expect(readWords(assignment('NAME', value))).toEqual([`NAME=${value}`])
      expect(readEnvironmentFile(`${environmentLine('A', value)}\n${environmentLine('B', 'b')}\n`)).toEqual([
        ['A', value],
        ['B', 'b'],
      ])
    }),
  )
})
