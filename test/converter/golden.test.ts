// Every case in fixtures/FORMAT is converted and compared with the expected TOML, report and advice. fixtures/README.md
// describes a case. `npm run golden` rewrites the expected files.

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatDiagnostic, formatPlace } from '../../config/model/diagnostic.ts'
import type { Machine } from '../../config/model/machine.ts'
import { resolveDocument } from '../../config/resolve/resolve.ts'
import { readConfig } from '../../config/toml/read.ts'
import { writeDocument } from '../../config/toml/write.ts'
import { advise } from '../../converter/advice/find.ts'
import type { Conversion, Given } from '../../converter/format.ts'
import { formats, oldFormats } from '../../converter/formats.ts'
import { identify } from '../../converter/identify.ts'
import { expectAllLines, expectPlaces } from '../helpers/ledger.ts'
import { testMachine } from '../helpers/machine.ts'

const FIXTURES = join(import.meta.dirname, '../../fixtures')
const environment = { HOME: '/root', PORT: '80', FLAG: 'off' }
const machine = testMachine({ environment })

const names = formats.map(({ name }) => name).filter((name) => existsSync(join(FIXTURES, name)))
const cases = names.flatMap((format) =>
  readdirSync(join(FIXTURES, format)).map((name) => [join(format, name), inputOf(join(format, name)), format] as const),
)
/** A whole image, which other tests boot. Its configuration is in a sub-folder. */
const image = ['images/hind', 'images/hind/etc/supervisor/supervisord.conf', 'supervisord'] as const

/** The directory `input`, or the file `input` or `input.ENDING`. */
function inputOf(folder: string): string {
  const found = readdirSync(join(FIXTURES, folder)).filter((name) => /^input(?:\.|$)/.test(name))
  if (found.length !== 1) throw new Error(`${folder} needs one input, a directory or a file`)
  return join(folder, ...found)
}

/** The options in options.json. Relative paths are relative to the folder of the case. */
function optionsOf(folder: string): Given {
  const file = join(folder, 'options.json')
  if (!existsSync(file)) return {}
  const place = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(place)
      : typeof value === 'string' && !isAbsolute(value) && existsSync(join(folder, value))
        ? join(folder, value)
        : value
  const options = JSON.parse(readFileSync(file, 'utf8')) as Given
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, place(value)])) as Given
}

test('every format that is converted has fixtures', () => {
  expect(oldFormats.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual([])
})

describe.each([...cases, image])('%s', (name, input, format) => {
  const folder = join(FIXTURES, name)
  const source = identify(join(FIXTURES, input), { options: optionsOf(folder) })
  const read = (on: Machine = machine): Conversion => source.convert(on)

  test('has the format of its folder, and gives the expected TOML and report', () => {
    const conversion = read()
    const { diagnostics } = resolveDocument(conversion.document, machine, { assumeImage: true })
    const ledger = conversion.ledger.map(({ section, key, fate, to, note }) => {
      const reason = note === undefined ? '' : ` (${note})`
      return `${fate} [${section}]${key === '' ? '' : ` ${key}`}${to === '' ? '' : ` → ${to}`}${reason}`
    })
    const report = [...[...conversion.diagnostics, ...diagnostics].map(formatDiagnostic), ...ledger]
    expect(source.format).toBe(format)
    compare(join(folder, 'expected.toml'), writeDocument(conversion.document))
    compare(join(folder, 'expected.report'), report.map((line) => `${line}\n`).join(''))
  })

  test('gives the expected advice', () => {
    const { document } = read()
    const shown = advise(document, false, isThere).advice.map(({ kind, program, certain, place, reason, toml }) => {
      return `${kind}${certain ? ', certain' : ''}: ${formatPlace(place)} ${program}: ${reason}\n${toml}`
    })
    const modern = advise(document, true, isThere)
    compare(join(folder, 'expected.advice'), shown.map((one) => `${one}\n`).join('\n'))
    compare(join(folder, 'expected.modern.toml'), modern.document === document ? '' : writeDocument(modern.document))
  })

  test('means the same after it was written and read', () => {
    const { document } = read()
    const direct = resolveDocument(document, machine, { assumeImage: true }).config
    const again = readConfig(writeDocument(document), document.file, machine, { assumeImage: true }).config
    expect(again).toEqual(direct)
  })

  test('every line of every file is in the ledger once, and what it became is where the ledger says', () => {
    const conversion = read()
    expectAllLines(conversion)
    expectPlaces(conversion)
  })

  test('gives the same bytes on another machine', () => {
    const other = { environment, uid: 5, temporaryDirectory: '/other', findUser: () => undefined }
    expect(writeDocument(read(testMachine(other)).document)).toBe(writeDocument(read().document))
  })
})

/** A machine on which every program exists, because no real machine has the programs of the fixtures. */
function isThere(program: string): boolean {
  return !program.includes('/') || program.startsWith('/')
}

/** Compares with the expected file. If no output is expected, the file must not exist. */
function compare(file: string, text: string): void {
  const shown = text.replaceAll(`${FIXTURES}/`, '')
  if (process.env.KAHI_GOLDEN === 'write') {
    if (shown === '') rmSync(file, { force: true })
    else writeFileSync(file, shown)
  }
  expect(existsSync(file), `${relative(FIXTURES, file)}: npm run golden`).toBe(shown !== '')
  if (shown !== '') expect(shown).toBe(readFileSync(file, 'utf8'))
}
