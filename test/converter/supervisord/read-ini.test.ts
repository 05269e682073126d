// The INI reader: typical texts, and the same results as npm's ini on plain texts.

import fc from 'fast-check'
import { parse as parseIni } from 'ini'
import { describe, expect, test } from 'vitest'
import { formatDiagnostic } from '../../../config/model/diagnostic.ts'
import { plain, read } from '../../helpers/ini.ts'

describe('a line', () => {
  test.each([
    ['= and :', 'a = 1\nb: 2\nc=x=y', { a: '1', b: '2', c: 'x=y' }],
    ['upper case keys', 'Command = /bin/Cat', { command: '/bin/Cat' }],
    ['comments behind a blank', 'a = 1 ; one\nb = 2 # two', { a: '1', b: '2' }],
    ['signs that are glued', 'a = x;y#z', { a: 'x;y#z' }],
    ['comments in quotes', `a = bash -c 'x ; y'`, { a: "bash -c 'x" }],
    ['a value that is only a comment', 'a= ;x\nb=;x', { a: '', b: ';x' }],
    ['continuations', 'a = 1\n  2\n\n  3\n; comment\n\t4\nb = 5', { a: '1\n2\n\n3\n4', b: '5' }],
    ['an indented section in a value', 'a = 1\n [x]\n b = 2', { a: '1\n[x]\nb = 2' }],
    ['an indented first key', ' a = 1\n b = 2', { a: '1', b: '2' }],
    ['keys twice', 'a = 1\na = 2', { a: '2' }],
    ['carriage returns', 'a = 1\r\nb = 2\r\n', { a: '1', b: '2' }],
    ['quotes kept', 'a = "x"', { a: '"x"' }],
  ])('%s', (_, body, expected) => {
    expect(plain(read(`[s]\n${body}`))).toEqual({ s: expected })
  })

  test('sections merge over files, and the last value wins', () => {
    expect(plain(read('[p]\na=1\nb=2\n[q]\n[p]\nb=3', '[p]\na=4'))).toEqual({ p: { b: '3', a: '4' }, q: {} })
  })

  test('every entry knows its place and its comments', () => {
    const entry = read('; file\n\n[s]\n# above\nx = 1  ; beside\n  # inside\n  2').sections[0]?.entries.get('x')
    expect(entry).toMatchObject({
      place: { file: 's.conf', line: 5, column: 1 },
      comments: [{ text: 'above' }, { text: 'inside' }],
      remark: 'beside',
      value: '1\n2',
    })
  })
})

describe('a line that cannot be read', () => {
  test.each([
    [
      'no delimiter',
      '[s]\nx = 1\nnothing',
      's.conf:3:1: error: Cannot read "nothing": there is no "=" or ":"\n  hint: a line that continues the one above must be indented more',
    ],
    [
      'no key',
      '[s]\n= 1',
      's.conf:2:1: error: Cannot read this line: there is no key\n  hint: a line that continues the one above must be indented more',
    ],
    [
      'no section',
      'x = 1',
      's.conf:1:1: error: There is no section above "x = 1"\n  hint: a section such as [supervisord] or [program:NAME] must come first',
    ],
    [
      'a byte order mark',
      '\uFEFF[s]\nx = 1',
      's.conf:1:1: error: There is no section above "\uFEFF[s]"\n  hint: the file begins with a byte order mark, which hides its first section; save it without',
    ],
  ])('%s', (_, text, expected) => {
    expect(read(text).diagnostics.map(formatDiagnostic)).toEqual([expected])
  })
})

test('agrees with npm’s ini where the dialects do', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9_/-]{0,8}$/).filter((text) => !['true', 'false', 'null'].includes(text))
  const section = fc.record({ name: word, values: fc.dictionary(word, word, { maxKeys: 4, noNullPrototype: true }) })
  fc.assert(
    fc.property(fc.uniqueArray(section, { selector: ({ name }) => name, maxLength: 5 }), (sections) => {
      const text = sections
        .map(
          ({ name, values }) =>
            `[${name}]\n${Object.entries(values)
              .map(([key, value]) => `${key} = ${value}\n`)
              .join('')}`,
        )
        .join('\n')
      const theirs = parseIni(text) as Record<string, unknown>
      expect(plain(read(text))).toEqual(
        Object.fromEntries(sections.map(({ name }) => [name, { ...((theirs[name] as object | undefined) ?? {}) }])),
      )
    }),
  )
})
