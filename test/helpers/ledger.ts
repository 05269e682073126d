// Checks for the lines of every conversion: each line of each file is in the ledger once, and the ledger names the correct
// place in the TOML.

import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { Positions } from '../../config/toml/positions.ts'
import { layOut } from '../../config/toml/write.ts'
import type { Conversion } from '../../converter/format.ts'

function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\r|\n/)
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

/** Every line of every file is in the ledger once, in order. */
export function expectAllLines({ files, lines }: Conversion): void {
  const seen = lines.map(({ place }) => `${place.file}:${place.line}`)
  const all = files.flatMap((file) => linesOf(readFileSync(file, 'utf8')).map((_, index) => `${file}:${index + 1}`))
  expect(seen).toEqual(all)
}

/** The result of each line is at the place that the ledger names. */
export function expectPlaces({ document, lines }: Conversion): void {
  const layout = layOut(document)
  const toml = linesOf(layout.text)
  const positions = new Positions(layout.text, 'kahi.toml')
  const isRepeated = toml.some((line) => line.startsWith('[['))
  for (const { place, fate, to, written } of lines) {
    const at = written && layout.lines.get(written)
    const where = `${place.file}:${place.line} ${fate} ${to}`
    if (written !== undefined) expect(at, where).toBeDefined()
    if (fate === 'comment' || fate === 'dropped') expect(toml[(at ?? 0) - 1], where).toMatch(/^#/)
    if (to !== '' && !isRepeated) expect(at, where).toBe(positions.find(pathOf(document, to)).line)
  }
}

/** `programs.a.b.command` with a program called `a.b` → its parts. */
function pathOf({ tables }: Conversion['document'], to: string): string[] {
  for (const { kind, name } of tables) {
    const table = name === '' ? kind : `${kind}.${name}`
    const parts = name === '' ? kind.split('.') : [kind, name]
    if (to === table) return parts
    if (to.startsWith(`${table}.`) && !to.slice(table.length + 1).includes('.'))
      return [...parts, to.slice(table.length + 1)]
  }
  throw new Error(`there is no ${to}`)
}
