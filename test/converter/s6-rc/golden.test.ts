// Every folder of fixtures/s6-rc and fixtures/s6-overlay is converted and compared with what it is known to give: the TOML and the report.
// `npm run golden` rewrites the folders. What holds for each: every line is accounted for, the TOML read back means the same.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatDiagnostic } from '../../../config/diagnostic.ts'
import { Positions } from '../../../config/positions.ts'
import { readConfig } from '../../../config/read.ts'
import { resolveDocument } from '../../../config/resolve.ts'
import { layOut, writeDocument } from '../../../config/write.ts'
import { convert } from '../../../converter/convert.ts'
import { testMachine } from '../../helpers/machine.ts'

const FIXTURES = join(import.meta.dirname, '../../../fixtures')
const machine = testMachine()

/** Format and where its files lie in an image. */
const FORMATS = { 's6-rc': '/etc/s6-overlay/s6-rc.d', 's6-overlay': '/' }
const cases = Object.entries(FORMATS).flatMap(([format, at]) =>
  readdirSync(join(FIXTURES, format)).map((name) => [join(format, name), at] as const),
)

describe.each(cases)('%s', (name, at) => {
  const path = join(FIXTURES, name, 'input')
  const base = join(FIXTURES, name, 'base')
  const read = () => convert(path, machine, { bases: existsSync(base) ? [base] : [], at })

  test('gives the expected TOML and report', () => {
    const conversion = read()
    const { diagnostics } = resolveDocument(conversion.document, machine, { assumeImage: true })
    const told = diagnostics.filter(({ severity }) => severity !== 'note')
    const ledger = conversion.ledger.map(({ section, key, fate, to, note }) => {
      const reason = note === undefined ? '' : ` (${note})`
      return `${fate} ${section}/${key}${to === '' ? '' : ` → ${to}`}${reason}`
    })
    const report = [...[...conversion.diagnostics, ...told].map(formatDiagnostic), ...ledger].join('\n')
    compare(join(FIXTURES, name, 'expected.toml'), writeDocument(conversion.document))
    compare(join(FIXTURES, name, 'expected.report'), `${report.replaceAll(`${FIXTURES}/`, '')}\n`)
  })

  test('means the same after it was written and read', () => {
    const { document } = read()
    const direct = resolveDocument(document, machine, { assumeImage: true }).config
    const again = readConfig(writeDocument(document), document.file, machine, { assumeImage: true }).config
    expect(again).toEqual(direct)
  })

  test('every line of every file is in the ledger once, and what it became is where the ledger says', () => {
    const { document, files, lines } = read()
    const all = files.flatMap((file) => linesOf(readFileSync(file, 'utf8')).map((_, index) => `${file}:${index + 1}`))
    expect(lines.map(({ place }) => `${place.file}:${place.line}`)).toEqual(all)
    const layout = layOut(document)
    const positions = new Positions(layout.text, 'kahi.toml')
    for (const { place, fate, to, written } of lines) {
      const at = written && layout.lines.get(written)
      const where = `${place.file}:${place.line} ${fate} ${to}`
      if (written !== undefined) expect(at, where).toBeDefined()
      if (fate === 'comment' || fate === 'dropped') expect(linesOf(layout.text)[(at ?? 0) - 1], where).toMatch(/^#/)
      if (to !== '') expect(at, where).toBe(positions.find(to.split('.')).line)
    }
  })
})

function linesOf(text: string): string[] {
  const lines = text.split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

function compare(file: string, text: string): void {
  if (process.env.KAHI_GOLDEN === 'write') writeFileSync(file, text)
  expect(existsSync(file), `${relative(FIXTURES, file)} is missing: npm run golden`).toBe(true)
  expect(text).toBe(readFileSync(file, 'utf8'))
}
