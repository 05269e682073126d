// Command lines and environment texts are split as Python's shlex does it for supervisord.

import { describe, expect, test } from 'vitest'
import { splitCommand } from '../../config/values/command.ts'
import { readEnvironment } from '../../config/values/environment.ts'

describe('splitCommand', () => {
  test.each([
    ['words', '/bin/cat a  b', ['/bin/cat', 'a', 'b']],
    ['quotes of both kinds', `sh -c 'a "b"' "c 'd'"`, ['sh', '-c', 'a "b"', "c 'd'"]],
    ['glued quotes', `a"b"'c'`, ['abc']],
    ['escapes', String.raw`a\ b "c\"d" "e\f"`, ['a b', 'c"d', 'e\\f']],
    ['empty words', `a "" ''`, ['a', '', '']],
    ['newlines as blanks', '/bin/prog\n--one\n\n--two', ['/bin/prog', '--one', '--two']],
    ['no comments', 'a #b', ['a', '#b']],
  ])('splits %s', (_, line, words) => {
    expect(splitCommand(line)).toEqual({ words })
  })

  test.each([
    ['an open quote', "bash -c 'a", 'No closing quotation'],
    ['a backslash at the end', 'a\\', 'No escaped character'],
  ])('refuses %s', (_, line, error) => {
    expect(splitCommand(line)).toEqual({ error })
  })
})

describe('readEnvironment', () => {
  test.each([
    ['plain pairs', 'A=1,B=2', { A: '1', B: '2' }],
    ['commas in quotes', `A="1,2",B='x'`, { A: '1,2', B: 'x' }],
    ['several lines', '\nA="1",\nB="2"', { A: '1', B: '2' }],
    ['any separator', 'A=1;B=2', { A: '1', B: '2' }],
    ['a query string, with its oddity', 'A=http://h/p?q=1', { A: 'http://h/p', q: '1' }],
    ['quotes stripped at both ends', `A='say "hi"',B="'x'"`, { A: 'say "hi', B: 'x' }],
    ['a comment inside', 'A=b#c,D=e', { A: 'b' }],
    ['json in quotes', `J='{"a":1,"b":2}',X=1`, { J: '{"a":1,"b":2}', X: '1' }],
    ['a trailing comma', 'A=1,', { A: '1' }],
  ])('reads %s', (_, text, variables) => {
    expect(readEnvironment(text)).toEqual({ variables })
  })

  test.each([['A=1 B=2'], ['A='], ['A'], ['A="1'], ['A=,B=2'], ['A=a=b']])('refuses %s', (text) => {
    expect(readEnvironment(text)).toHaveProperty('error')
  })
})
