// Expansions: a table of typical texts and their values.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeAll, escapeDollars, expand, namesIn } from '../../config/values/expand.ts'

const names = { here: '/etc', program_name: 'web', process_num: 7, ENV_PORT: '80', ENV_EMPTY: '' }

describe('expand', () => {
  test.each([
    ['plain text', 'echo a', 'echo a'],
    ['a name', '%(here)s/run', '/etc/run'],
    ['a number with a width', 'p%(process_num)02d', 'p07'],
    ['hexadecimal', '%(process_num)x', '7'],
    ['a precision', '%(program_name).2s', 'we'],
    ['a left-aligned name', '[%(program_name)-5s]', '[web  ]'],
    ['a literal percent sign', '100%%', '100%'],
    ['a variable of the environment', '%(ENV_PORT)s', '80'],
    ['a variable in dollars', 'port ${PORT}', 'port 80'],
    ['a default that is not needed', '${PORT:-81}', '80'],
    ['a default for a missing variable', '${NOPE:-81}', '81'],
    ['a default for an empty variable', '${EMPTY:-81}', '81'],
    ['an escaped dollar', '$${PORT} $$', '${PORT} $'],
    ['a dollar that means nothing', '$HOME $1', '$HOME $1'],
  ])('replaces %s', (_, text, expected) => {
    expect(expand(text, names)).toBe(expected)
  })

  test.each([
    ['an unknown name', '%(nope)s', '"%(nope)s" is unknown here'],
    ['a missing variable', '%(ENV_NOPE)s', 'the variable NOPE is not set'],
    ['a missing variable in dollars', '${NOPE}', 'the variable NOPE is not set'],
    ['a date format', 'date +%Y', '"%Y" at character 7 is no expansion'],
    ['a lone %s', 'printf %s', 'has no name'],
    ['an unfinished one', 'a %', 'is incomplete'],
    ['text as a number', '%(program_name)d', 'needs a number'],
    ['a shell expansion', '${1:-x', 'is not ${NAME}'],
  ])('refuses %s', (_, text, message) => {
    expect(() => expand(text, names)).toThrow(message)
  })

  test('never expands what was put in', () => {
    expect(expand('%(ENV_X)s', { ENV_X: '%(here)s ${PORT} %%' })).toBe('%(here)s ${PORT} %%')
  })

  test('escaped texts come back unchanged', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('$', '{', '}', '%', '(', ')', 's', 'a', ':') }),
        (text) => expand(escapeAll(text), {}) === text,
      ),
    )
  })

  test('escaping dollars leaves percent expansions alone', () => {
    expect(expand(escapeDollars('${x} $$ %(here)s $${y}'), names)).toBe('${x} $$ /etc $${y}')
  })

  test('names are found in both syntaxes', () => {
    expect(namesIn('%(a)s %%(b)s ${C} $${D} %(ENV_E)s')).toEqual(['a', 'ENV_C', 'ENV_E'])
  })
})
