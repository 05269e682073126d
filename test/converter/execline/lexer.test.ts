// Words and blocks of execline: a table of texts and results.

import { describe, expect, test } from 'vitest'
import { argvOf, type Item, lexExecline, nestBlocks } from '../../../converter/execline/lexer.ts'

function read(text: string): readonly string[] | string {
  const lexed = lexExecline(text, 'up')
  return 'error' in lexed ? `${lexed.place.line}:${lexed.place.column} ${lexed.error}` : argvOf(lexed.words)
}

describe('words', () => {
  test.each([
    ['nothing', '# only a comment\n', []],
    ['blanks of all kinds, also CRLF', 'a\tb \r\nc\r\n', ['a', 'b', 'c']],
    ['# inside a word', 'a#b #c', ['a#b']],
    ['a quoted word, with a line end', '"a\nb" ""', ['a\nb', '']],
    ['quotes that continue', 'a"b c"d', ['ab cd']],
    ['single quotes are letters', "'a b'", ["'a", "b'"]],
    ['escapes in quotes', String.raw`"\n\t\x\0x41\101\065"`, ['\n\txAe5']],
    ['an escaped line end between words vanishes', 'a \\\n b', ['a', 'b']],
    ['escapes outside quotes', String.raw`\{ \n a\ b`, ['{', 'n', 'a b']],
    ['shell words are words', 'a && b; > $c', ['a', '&&', 'b;', '>', '$c']],
    ['blocks', 'foreground { echo a } b', ['foreground', ' echo', ' a', '', 'b']],
    ['blocks in blocks', 'if { if { a } b } c', ['if', ' if', '  a', ' ', ' b', '', 'c']],
    ['a brace that is part of a word', '{a a} "{"', ['{a', 'a}', '{']],
  ])('%s', (_, text, argv) => {
    expect(read(text)).toEqual(argv)
  })

  test.each([
    ['a { b\n', '1:3 unmatched {'],
    ['a\n  }\n', '2:3 unmatched }'],
    ['a\n"b\n', '2:1 a double quote that is not closed'],
    ['"\\400"', '1:1 a number after a backslash that is no character'],
  ])('%j is wrong at %s', (text, said) => {
    expect(read(text)).toBe(said)
  })
})

test('blocks become a tree', () => {
  const lexed = lexExecline('if { a { } b } c', 'up')
  const show = (items: readonly Item[]): unknown =>
    items.map((item) => ('items' in item ? show(item.items) : item.text))
  expect('words' in lexed && show(nestBlocks(lexed.words))).toEqual(['if', ['a', [], 'b'], 'c'])
})
