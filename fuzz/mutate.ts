// Makes nearly valid texts from real texts: parts are cut, doubled, swapped, repeated many times, or replaced by words
// with a meaning for the reader.

import fc, { type Arbitrary } from 'fast-check'

/** One change of a text; positions are fractions of its length, so they are valid for every text. */
type Edit =
  | { readonly kind: 'insert'; readonly at: number; readonly word: string }
  | { readonly kind: 'cut'; readonly at: number; readonly length: number }
  | { readonly kind: 'repeat'; readonly at: number; readonly length: number; readonly times: number }
  | { readonly kind: 'swap'; readonly at: number; readonly other: number }
  | { readonly kind: 'line'; readonly at: number; readonly word: string }

/** Longest text, in characters. */
export const MAX_TEXT = 200_000

const fraction = fc.double({ min: 0, max: 1, noNaN: true })
const oddWords: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\t',
    '\r\n',
    '\0',
    '\x1b[31m',
    '\ufeff',
    'é',
    '\ud800',
    '"',
    "'",
    "'''",
    '"""',
    '\\',
    '%',
    '%%',
  ),
  fc.constantFrom(
    '[',
    ']',
    '{',
    '}',
    '(',
    ')',
    '=',
    '#',
    ';',
    '$',
    '${',
    '%(',
    ')s',
    '-1',
    '0',
    '99999999999999999999',
  ),
  fc.string({ maxLength: 12 }),
)

/** Changed forms of the texts; `words` have a meaning for the reader. */
export function mutated(texts: readonly string[], words: readonly string[]): Arbitrary<string> {
  const word = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...words) }, { weight: 1, arbitrary: oddWords })
  const edit: Arbitrary<Edit> = fc.oneof(
    fc.record({ kind: fc.constant('insert' as const), at: fraction, word }),
    fc.record({ kind: fc.constant('line' as const), at: fraction, word }),
    fc.record({ kind: fc.constant('cut' as const), at: fraction, length: fc.nat(40) }),
    fc.record({ kind: fc.constant('swap' as const), at: fraction, other: fraction }),
    fc.record({
      kind: fc.constant('repeat' as const),
      at: fraction,
      length: fc.nat(60),
      times: fc.oneof({ weight: 9, arbitrary: fc.nat(4) }, { weight: 1, arbitrary: fc.nat(5000) }),
    }),
  )
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(edit, { maxLength: 6 }))
    .map(([text, edits]) => edits.reduce(apply, text).slice(0, MAX_TEXT))
}

function apply(text: string, edit: Edit): string {
  const at = Math.floor(edit.at * text.length)
  switch (edit.kind) {
    case 'insert':
      return text.slice(0, at) + edit.word + text.slice(at)
    case 'line': {
      const end = text.indexOf('\n', at)
      return end < 0 ? `${text}\n${edit.word}` : `${text.slice(0, end)}\n${edit.word}${text.slice(end)}`
    }
    case 'cut':
      return text.slice(0, at) + text.slice(at + edit.length)
    case 'repeat': {
      const piece = text.slice(at, at + edit.length)
      const times = piece === '' ? 0 : Math.min(edit.times, Math.floor(MAX_TEXT / piece.length))
      return text.slice(0, at) + piece.repeat(times) + text.slice(at)
    }
    case 'swap':
      return swapLines(text, edit.at, edit.other)
    default:
      return edit satisfies never
  }
}

function swapLines(text: string, at: number, other: number): string {
  const lines = text.split('\n')
  const [first, second] = [Math.floor(at * (lines.length - 1)), Math.floor(other * (lines.length - 1))]
  const [one = '', two = ''] = [lines[first], lines[second]]
  lines[first] = two
  lines[second] = one
  return lines.join('\n')
}
