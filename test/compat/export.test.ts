// A file that is converted and exported again has the same meaning, for kahi (every file of the corpus and the fixtures) and for
// the real supervisord.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { effectiveConfig } from '../../cli/effective.ts'
import type { Machine } from '../../config/model/machine.ts'
import { findDifferences } from '../../config/settings/difference.ts'
import { ConfigError } from '../../config/model/diagnostic.ts'
import { readConfig, readDocument } from '../../config/toml/read.ts'
import { writeDocument } from '../../config/toml/write.ts'
import { supervisordFixtures } from '../helpers/fixtures.ts'
import { convert } from '../helpers/convert.ts'
import { exportSupervisord } from '../../converter/supervisord/export/export.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { comparable } from '../helpers/effective.ts'
import { askOracleOfAll, CORPUS, hasOracle, ORACLE_NEEDED } from '../helpers/oracle.ts'
import { makeFolder } from '../helpers/test-folder.ts'

const OPTIONS = { assumeImage: true }
/** Sections that are left out of the TOML, so that the way back begins without them. */
const LATER = /^\[(?:eventlistener|fcgi-program):/m

interface Case {
  readonly name: string
  readonly file: string
  readonly machine: Machine
  readonly isFragment: boolean
}

function casesOf(files: readonly string[]): Case[] {
  return files.flatMap((file) => {
    const text = readFileSync(file, 'latin1')
    const variables = [...text.matchAll(/%\(ENV_(\w+)\)/g)].map((match) => match[1] ?? '')
    const given = Object.fromEntries(variables.map((name) => [name, `8${name.length}`]))
    const environment = { ...given, HOME: '/root', PATH: '/bin', PORT: '80', FLAG: 'off' }
    const machine = { ...thisMachine(), workingDirectory: tmpdir(), environment }
    if (LATER.test(text)) return []
    const isFragment = !/^\[supervisord\]/m.test(text)
    return [{ name: names.get(file) ?? basename(file), file, machine, isFragment }]
  })
}

const names = new Map(supervisordFixtures().map(({ name, file }) => [file, name]))
const fixtures = [...names.keys()]
const corpus = existsSync(CORPUS)
  ? readdirSync(CORPUS)
      .filter((name) => name.endsWith('.conf'))
      .map((name) => join(CORPUS, name))
  : []

/** The TOML and the supervisord.conf made of it; undefined when the source is refused. */
function wayBack({ file, machine }: Case, folder: string): { toml: string; back: string } | undefined {
  try {
    const toml = writeDocument(convert(file, machine, { absoluteHere: true }).document)
    readConfig(toml, join(folder, 'kahi.toml'), machine, OPTIONS)
    const document = readDocument(toml, join(folder, 'kahi.toml'), machine)
    const { text, diagnostics } = exportSupervisord(document, machine, { target: join(folder, 'supervisord.conf') })
    expect(diagnostics).toEqual([])
    return { toml, back: text }
  } catch (error) {
    if (error instanceof ConfigError) return undefined
    throw error
  }
}

test('convert → export → convert says the same, and export has nothing to add', () => {
  const folder = makeFolder()
  const all = casesOf([...fixtures, ...corpus])
  const done = all.filter((one) => {
    const made = wayBack(one, folder)
    if (made === undefined) return false
    const target = join(folder, 'kahi.toml')
    const again = convert(join(folder, 'supervisord.conf'), one.machine, { text: made.back })
    const [before, after] = [made.toml, writeDocument(again.document)].map((toml) =>
      readConfig(toml, target, one.machine, OPTIONS),
    )
    const differences = findDifferences(before!.config, after!.config)
    const isDaemon = (subject: string) => one.isFragment && subject === 'supervisor'
    expect({ name: one.name, differences: differences.filter(({ subject }) => !isDaemon(subject)) }).toEqual({
      name: one.name,
      differences: [],
    })
    return true
  })
  expect(done.length).toBeGreaterThan(all.length * 0.9)
})

describe.skipIf(!hasOracle)(`the real supervisord runs what was exported (${ORACLE_NEEDED})`, () => {
  const some = casesOf([...fixtures, ...corpus]).filter(({ isFragment }) => !isFragment)
  const answers = new Map<string, Record<string, unknown>>()
  const made = new Map<string, { readonly toml: string; readonly folder: string }>()

  // One process for all: a variable has the same value in all of them.
  beforeAll(() => {
    for (const one of some) {
      const folder = makeFolder()
      const there = wayBack(one, folder)
      if (there === undefined) continue
      writeFileSync(join(folder, 'supervisord.conf'), there.back)
      made.set(one.name, { toml: there.toml, folder })
    }
    const files = [...made.values()].map(({ folder }) => join(folder, 'supervisord.conf'))
    const environment = Object.assign({}, ...some.map(({ machine }) => machine.environment)) as Record<string, string>
    const found = askOracleOfAll(files, tmpdir(), environment)
    for (const [index, name] of [...made.keys()].entries()) answers.set(name, found[index] ?? {})
  })

  test.each(hasOracle ? some : [])('$name', ({ name, machine }) => {
    const there = made.get(name)
    if (there === undefined) return
    const { config } = readConfig(there.toml, join(there.folder, 'kahi.toml'), machine, OPTIONS)
    expect(comparable(answers.get(name)!)).toEqual(comparable({ ...effectiveConfig(config) }))
  })
})
