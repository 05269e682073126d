// Expansions: a table of what people write, and agreement with Python's own % formatting.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeAll, escapeDollars, expand, namesIn } from '../../config/expand.ts'
import { askPython, hasPython } from '../helpers/python.ts'

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
    ['a lone %s', 'printf %s', 'names nothing'],
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
})

function attempt(action: () => string): string | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}
