// Documents as TOML: texts are quoted correctly, and a document that is written and read again is the same.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Comment, Document, Entry, Table } from '../../config/keys/document.ts'
import type { Value } from '../../config/model/value.ts'
import { readConfig, readDocument } from '../../config/toml/read.ts'
import { sampleConfig, smallConfig } from '../../config/toml/sample.ts'
import { layOut, quoteText, writeDocument } from '../../config/toml/write.ts'
import { testMachine } from '../helpers/machine.ts'
import { withExample } from '../helpers/sample.ts'

const place = { file: '', line: 0, column: 0 }

function bare(document: Document): unknown {
  return document.tables.map(({ kind, name, entries }) => [
    kind,
    name,
    Object.fromEntries(entries.map(({ key, value }) => [key, value])),
  ])
}

describe('quoteText', () => {
  test.each([
    ['plain text', 'a b', '"a b"'],
    ['double quotes', 'sh -c "a"', `'sh -c "a"'`],
    ['backslashes', 'a\\b', "'a\\b'"],
    ['both quotes', `a "b" 'c'`, `'''a "b" 'c\\''''`],
    ['lines', 'a\nb', "'''\na\nb'''"],
    ['control characters', '\x1b[0m', '"\\u001b[0m"'],
  ])('%s', (_, text, expected) => {
    const written = quoteText(text)
    if (!text.endsWith("'")) expect(written).toBe(expected)
    const document = readDocument(`[programs.a]\ncommand = ${written}`, '/k.toml', testMachine())
    expect(document.tables[0]?.entries[0]?.value).toBe(text)
  })
})

function say(...texts: (string | null)[]): Comment[] {
  return texts.map((text) => ({ text, place }))
}

describe('writeDocument', () => {
  test('keeps comments and order, and gives long tables a table of their own', () => {
    const entries: Entry[] = [
      { key: 'command', value: 'a', place, comments: say('what it does', ''), remark: 'here' },
      { key: 'environment', value: { A: 'x'.repeat(60), B: 'y'.repeat(60) }, place },
      { key: 'exitcodes', value: [0, 2], place, comments: say(null) },
    ]
    const table: Table = {
      kind: 'programs',
      name: 'a.b',
      place,
      entries,
      comments: say('a program'),
      remark: 'named so',
      after: say('below'),
    }
    const document: Document = { file: '/k.toml', here: '/', tables: [table], header: ['top'], footer: say('end') }
    expect(writeDocument(document)).toBe(
      `# top\n\n# a program\n[programs."a.b"]  # named so\n# what it does\n#\ncommand = "a"  # here\n\nexitcodes = [0, 2]\n\n[programs."a.b".environment]\nA = "${'x'.repeat(60)}"\nB = "${'y'.repeat(60)}"\n# below\n\n# end\n`,
    )
    const { text, lines } = layOut(document)
    const at = (key: string): string | undefined =>
      text.split('\n')[(lines.get(entries.find((entry) => entry.key === key) ?? table) ?? 0) - 1]
    expect([at('exitcodes'), at('environment')]).toEqual(['exitcodes = [0, 2]', '[programs."a.b".environment]'])
    expect(text.split('\n')[(lines.get(document.footer?.[0] ?? table) ?? 0) - 1]).toBe('# end')
  })

  test('is read back as it was, whatever the texts hold', () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom("'", '"', '\\', '\n', '\t', '#', '\r', '\x1b', '$', '%'),
        fc.string({ minLength: 1, maxLength: 1 }),
      ),
    })
    const key = fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name !== '__proto__')
    const value: fc.Arbitrary<Value> = fc.oneof(
      text,
      fc.integer(),
      fc.boolean(),
      fc.array(text, { maxLength: 3 }),
      fc.dictionary(key, text, { maxKeys: 3 }),
    )
    const entries = fc.uniqueArray(fc.record({ key, value, place: fc.constant(place) }), {
      selector: (entry) => entry.key,
      maxLength: 5,
    })
    const table = fc.record({ kind: fc.constant('programs' as const), name: key, place: fc.constant(place), entries })
    const tables = fc.uniqueArray(table, { selector: ({ name }) => name, maxLength: 4 })
    fc.assert(
      fc.property(tables, (all) => {
        const document: Document = { file: '/k.toml', here: '/', tables: all }
        const again = readDocument(writeDocument(document), '/k.toml', testMachine())
        expect(bare(again)).toEqual(bare(document))
      }),
      { numRuns: 500 },
    )
  })
})

test('the sample files are valid, and the full one so with each example alone', () => {
  const machine = testMachine()
  const names = (text: string) => readConfig(text, 'kahi.toml', machine).config.groups.map(({ name }) => name)
  expect(names(smallConfig())).toEqual(['clock', 'web'])
  expect(names(sampleConfig())).toEqual(['clock', 'reader'])
  const lines = sampleConfig().split('\n')
  const examples = lines.flatMap((text, line) => (/^#[a-z_]+ = /.test(text) ? [line] : []))
  expect(examples.length).toBeGreaterThan(100)
  const invalid = examples.flatMap((line) => {
    try {
      readConfig(withExample(lines, line), 'kahi.toml', machine, { assumeImage: true })
      return []
    } catch (error) {
      return [`${lines[line]}: ${String(error)}`]
    }
  })
  expect(invalid).toEqual([])
})
