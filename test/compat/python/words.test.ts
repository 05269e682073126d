// Command lines and environment texts are split as Python's shlex does it for supervisord, on random texts.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitCommand } from '../../../config/values/command.ts'
import { readEnvironment } from '../../../config/values/environment.ts'
import { askPython, hasPython } from '../../helpers/python.ts'

const piece = fc.constantFrom(
  'a',
  'B_1',
  '=',
  ',',
  '"',
  "'",
  ' ',
  '\n',
  '\\',
  '#',
  ';',
  '$',
  '/',
  'x=1',
  'K="v"',
  "L='w x'",
  ',\n',
  '%',
  'é',
  '-',
)
const texts = (count: number): string[] =>
  fc.sample(
    fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')),
    count,
  )

test.skipIf(!hasPython)('splitCommand agrees with shlex.split (skipped without /usr/bin/python3)', () => {
  const lines = texts(4000)
  const answers = askPython<string[] | { error: string }>('import shlex\ndef ask(t): return shlex.split(t)', lines)
  for (const [index, line] of lines.entries()) {
    const answer = answers[index]
    expect({ line, ...splitCommand(line) }).toEqual({ line, ...(Array.isArray(answer) ? { words: answer } : answer) })
  }
})

test.skipIf(!hasPython)('readEnvironment agrees with supervisord’s reader (skipped without /usr/bin/python3)', () => {
  const inputs = texts(4000)
  const source = `import shlex
def ask(arg):
  lexer = shlex.shlex(arg); lexer.wordchars += '/.+-():'
  tokens = list(lexer); found = {}
  for i in range(0, len(tokens), 4):
      if len(tokens[i:i+3]) != 3 or tokens[i+1] != '=': raise ValueError('end')
      found[tokens[i]] = tokens[i+2].strip('\\'"')
  return {"variables": found}`
  const answers = askPython<Record<string, unknown>>(source, inputs)
  for (const [index, text] of inputs.entries()) {
    const ours = readEnvironment(text)
    const shown = 'error' in ours ? 'error' : ours.variables
    const answer = answers[index] ?? {}
    expect({ text, shown }).toEqual({ text, shown: 'error' in answer ? 'error' : answer.variables })
  }
})
