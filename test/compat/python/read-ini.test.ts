// The INI reader agrees with Python's parser on random texts.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plain, read } from '../../helpers/ini.ts'
import { askPython, hasPython } from '../../helpers/python.ts'

const piece = fc.constantFrom(
  '[',
  ']',
  'a',
  'B',
  '=',
  ':',
  ' ',
  '  ',
  '\t',
  '\n',
  '\n',
  '\n  ',
  ';',
  '#',
  ' ;',
  ' #',
  '[s]\n',
  '\n[DEFAULT]\n',
  '\n[program:a]\n',
  '%(here)s',
  '%%',
  '\n; c\n',
  '\n\n',
  '\n[s:t]\n',
  'key = v',
  '\nk=',
  '"',
  "'",
  '%',
  '\r\n',
  'é',
  '\x0b',
  '\u00a0',
)

const PYTHON = `import configparser
def ask(text):
    parser = configparser.RawConfigParser(strict=False, inline_comment_prefixes=(';', '#'))
    parser.read_file(text.splitlines(True) if False else __import__('io').StringIO(text, newline=None), 'f')
    found = {name: {key: value for key, value in parser._sections[name].items()} for name in parser._sections}
    if parser._defaults: found['DEFAULT'] = dict(parser._defaults)
    return {"sections": found}`

test.skipIf(!hasPython)('agrees with Python’s parser on 4,000 random texts (skipped without /usr/bin/python3)', () => {
  const texts = fc.sample(
    fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join('')),
    4000,
  )
  const answers = askPython<{ sections?: unknown; error?: string }>(PYTHON, texts)
  for (const [index, text] of texts.entries()) {
    const ini = read(text)
    const { DEFAULT, ...sections } = plain(ini)
    const hasDefaults = Object.keys(DEFAULT ?? {}).length > 0
    const ours = ini.diagnostics.length > 0 ? 'error' : hasDefaults ? { ...sections, DEFAULT } : sections
    const answer = answers[index]
    expect({ text, ours }).toEqual({ text, ours: answer?.error === undefined ? answer?.sections : 'error' })
    const count = text.split(/\r\n|\r|\n/).length - (/(?:^|[\r\n])$/.test(text) ? 1 : 0)
    const numbers = ini.lines.map(({ place }) => place.line)
    if (ours !== 'error')
      expect({ text, numbers }).toEqual({ text, numbers: Array.from({ length: count }, (_, at) => at + 1) })
  }
})
