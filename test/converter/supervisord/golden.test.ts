// Every folder of fixtures/supervisord is converted and compared with what it is known to give: the TOML, the report and the advice.
// The TOML is read back and must mean the same as the file it came from. `npm run golden` rewrites the folders.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatDiagnostic, formatPlace } from '../../../config/diagnostic.ts'
import { readConfig } from '../../../config/read.ts'
import { resolveDocument } from '../../../config/resolve.ts'
import { writeDocument } from '../../../config/write.ts'
import { advise } from '../../../converter/advice/find.ts'
import { convert } from '../../../converter/convert.ts'
import { testMachine } from '../../helpers/machine.ts'

const FIXTURES = join(import.meta.dirname, '../../../fixtures')
const cases = [
  ...readdirSync(join(FIXTURES, 'supervisord')).map((name) => ({
    name,
    file: `supervisord/${name}/input/supervisord.conf`,
    folder: `supervisord/${name}`,
  })),
  { name: 'hind', file: 'images/hind/etc/supervisor/supervisord.conf', folder: 'images/hind' },
]
const machine = testMachine({ environment: { HOME: '/root', PORT: '80', FLAG: 'off' } })

describe.each(cases)('$name', ({ file, folder }) => {
  const path = join(FIXTURES, file)

  test('gives the expected TOML and report', () => {
    const conversion = convert(path, machine)
    const { diagnostics } = resolveDocument(conversion.document, machine, { assumeImage: true })
    const ledger = conversion.ledger.map(
      ({ section, key, fate, to }) => `${fate} [${section}] ${key}${to === '' ? '' : ` → ${to}`}`,
    )
    const report = [...[...conversion.diagnostics, ...diagnostics].map(formatDiagnostic), ...ledger].join('\n')
    compare(join(FIXTURES, folder, 'expected.toml'), writeDocument(conversion.document))
    compare(join(FIXTURES, folder, 'expected.report'), `${report.replaceAll(`${FIXTURES}/`, '')}\n`)
  })

  test('gives the expected advice', () => {
    const { document } = convert(path, machine)
    const shown = advise(document, false).advice.map(({ kind, program, certain, place, reason, toml }) => {
      return `${kind}${certain ? ', certain' : ''}: ${formatPlace(place)} ${program}: ${reason}\n${toml}`
    })
    const modern = advise(document, true)
    const expected = shown.map((one) => `${one}\n`).join('\n')
    compare(join(FIXTURES, folder, 'expected.advice'), expected.replaceAll(`${FIXTURES}/`, ''))
    const changed = modern.document === document ? '' : writeDocument(modern.document)
    compare(join(FIXTURES, folder, 'expected.modern.toml'), changed)
  })

  test('means the same after it was written and read', () => {
    const { document } = convert(path, machine)
    const direct = resolveDocument(document, machine, { assumeImage: true }).config
    const again = readConfig(writeDocument(document), document.file, machine, { assumeImage: true }).config
    expect(again).toEqual(direct)
  })

  test('gives the same bytes twice', () => {
    expect(writeDocument(convert(path, machine).document)).toBe(writeDocument(convert(path, machine).document))
  })
})

/** Where nothing is expected there is no file. */
function compare(file: string, text: string): void {
  if (process.env.KAHI_GOLDEN === 'write' && text !== '') writeFileSync(file, text)
  if (text === '') return expect(existsSync(file), relative(FIXTURES, file)).toBe(false)
  expect(existsSync(file), `${relative(FIXTURES, file)} is missing: npm run golden`).toBe(true)
  expect(text).toBe(readFileSync(file, 'utf8'))
}
