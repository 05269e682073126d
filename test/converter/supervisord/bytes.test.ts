// A conversion of any bytes ends with one of two results: a Document that is the same after writing and reading, with a ledger
// that contains every line, or a ConfigError with a place.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ConfigError } from '../../../config/model/diagnostic.ts'
import { readDocument } from '../../../config/toml/read.ts'
import { resolveDocument } from '../../../config/resolve/resolve.ts'
import { layOut } from '../../../config/toml/write.ts'
import { convert } from '../../helpers/convert.ts'
import type { Conversion } from '../../../converter/format.ts'
import { testMachine } from '../../helpers/machine.ts'
import { makeFolder } from '../../helpers/test-folder.ts'

const COUNT = 2_000

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
const words = fc.constantFrom(
  '[supervisord]\n',
  '\n[program:a]\ncommand=',
  '\n[eventlistener:l]\nevents=TICK\ncommand=',
  '\n[fcgi-program:f]\nsocket=tcp://h:1\ncommand=',
  '\n[group:g]\nprograms=a,f\n',
  '\n[DEFAULT]\n',
  '\n[include]\nfiles=*.none\n',
  '\n[rpcinterface:x]\n',
  '\nenvironment=A="',
  '\nnumprocs=2',
  '\nprocess_name=%(process_num)',
  '\n',
  '\n  ',
  ' ;',
  '#',
  '=',
  ':',
  '"',
  "'",
  '\\',
  '%',
  '%(here)s',
  '%(ENV_HOME)s',
  '${',
  '$$',
  'x',
  '\r',
  '\t',
  '\0',
  'é',
  '\u{1f600}',
)
const likely = fc.array(words, { maxLength: 20 }).map((parts) => Buffer.from(`[supervisord]\n${parts.join('')}`))
const input = fc.oneof(
  bytes,
  likely,
  fc.tuple(likely, bytes).map((parts) => Buffer.concat(parts)),
)

function attempt(file: string): Conversion | ConfigError {
  const machine = testMachine({ environment: { HOME: '/root' } })
  try {
    const conversion = convert(file, machine)
    resolveDocument(conversion.document, machine, { assumeImage: true })
    return conversion
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
}

test(`${COUNT} files of random bytes`, () => {
  const file = join(makeFolder(), 's.conf')
  let converted = 0
  fc.assert(
    fc.property(input, (content) => {
      writeFileSync(file, content)
      const result = attempt(file)
      if (result instanceof ConfigError) {
        expect(result.diagnostics.some(({ severity, place }) => severity === 'error' && place !== undefined)).toBe(true)
        return
      }
      converted += 1
      const { text } = layOut(result.document)
      const again = readDocument(text, file, testMachine())
      const values = ({ tables }: Conversion['document']): unknown =>
        tables.map(({ kind, name, entries }) => [kind, name, new Map(entries.map(({ key, value }) => [key, value]))])
      expect(values(again)).toEqual(values(result.document))
      expect(new Set(result.lines.map(({ place }) => place.line)).size).toBe(result.lines.length)
    }),
    { numRuns: COUNT },
  )
  expect(converted).toBeGreaterThan(COUNT / 20)
})
