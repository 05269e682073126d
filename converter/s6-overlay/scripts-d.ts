// cont-init.d and cont-finish.d: each script is a oneshot, in byte order of the names. Scripts of cont-finish.d are
// `down` commands: their oneshots come up first, the last one before all others, so they are run at the end and in
// order. Source: s6-overlay 3.2.3.2, legacy-cont-init; v1.21, init-stage2 and init-stage3.

import { append } from '../../config/model/append.ts'
import type { Diagnostic } from '../../config/model/diagnostic.ts'
import type { Entry, Table } from '../../config/keys/document.ts'
import type { Value } from '../../config/model/value.ts'
import { OWN_PREFIX } from '../../config/model/names.ts'
import { escapeValue } from '../s6-rc/convert-definition.ts'
import type { Definition, TextFile } from '../s6-rc/definition.ts'
import type { Ledger } from '../s6-rc/ledger.ts'
import { WORKING_DIRECTORY } from '../s6-rc/overlay-places.ts'
import { isExecutable, shebangOf } from '../s6-rc/scripts.ts'
import { readFolder } from './folder.ts'
import type { Image } from './image.ts'
import type { OverlaySettings } from './variables.ts'

/** Tables, and the name of the bundle of all. */
export interface ScriptTables {
  readonly tables: readonly Table[]
  /** In the order in which they run. */
  readonly names: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * The scripts of cont-init.d; the first one waits for `after`. Only in versions 1 and 2 a failing script stops the
 * others.
 */
export function convertContInit(
  image: Image,
  { ifFails }: OverlaySettings,
  ledger: Ledger,
  after: readonly string[],
): ScriptTables {
  const isStrict = image.generation === 2 && ifFails > 0
  return convertScripts(image, ledger, 'cont-init', (script, previous) => {
    const needs = previous === undefined ? after : isStrict ? [previous] : { [previous]: 'ordered' }
    return [
      ['up', script],
      ['depends_on', needs],
      ['directory', WORKING_DIRECTORY],
    ]
  })
}

/** The scripts of cont-finish.d. */
export function convertContFinish(image: Image, { finishSecs }: OverlaySettings, ledger: Ledger): ScriptTables {
  const found = convertScripts(image, ledger, 'cont-finish', (script) => {
    const limit: readonly (readonly [string, Value])[] = finishSecs === 0 ? [] : [['timeout_down', finishSecs]]
    return [['up', ''], ['down', script], ...limit, ['directory', WORKING_DIRECTORY]]
  })
  const tables = found.tables.map((table, index) => {
    const next = found.names[index + 1]
    return next === undefined
      ? table
      : { ...table, entries: [...table.entries, { key: 'depends_on', value: [next], place: table.place }] }
  })
  return { ...found, tables }
}

type Describe = (script: readonly string[], previous: string | undefined) => readonly (readonly [string, Value])[]

function convertScripts(
  image: Image,
  ledger: Ledger,
  prefix: 'cont-init' | 'cont-finish',
  describe: Describe,
): ScriptTables {
  const folder = readFolder(`${prefix}.d`, image.folder(`${prefix}.d`))
  const tables: Table[] = []
  const diagnostics: Diagnostic[] = []
  for (const [name, node] of folder.nodes) {
    const script = folder.texts.get(name)
    if (script === undefined) {
      const message = `"${name}" of ${prefix}.d is no file: it is passed over`
      diagnostics.push({ severity: 'warning', message, place: { file: node.path, line: 1, column: 1 } })
      ledger.settle(folder, name, { fate: 'dropped', to: '', note: 'no file' })
      continue
    }
    append(diagnostics, warnOf(script, name, prefix, image))
    tables.push(convertScript(folder, name, { image, ledger, prefix, script, describe, previous: tables.at(-1)?.name }))
  }
  return { tables, names: tables.map(({ name }) => name), diagnostics }
}

interface ScriptParts {
  readonly image: Image
  readonly ledger: Ledger
  readonly prefix: string
  readonly script: TextFile
  readonly describe: Describe
  readonly previous: string | undefined
}

function convertScript(folder: Definition, file: string, parts: ScriptParts): Table {
  const { image, ledger, prefix, script, describe, previous } = parts
  const place = { file: script.path, line: 1, column: 1 }
  const name = `${OWN_PREFIX}${prefix}-${file.replaceAll(/[\s:/]/g, '_')}`
  const entries = describe(argvOf(script, image), previous).map(([key, value]): Entry => ({
    key,
    value: escapeValue(value),
    place,
  }))
  const key = prefix === 'cont-init' ? 'up' : 'down'
  const written = entries.find((entry) => entry.key === key)
  ledger.settle(folder, file, { fate: 'changed', to: `oneshots.${name}.${key}`, written })
  return { kind: 'oneshots', name, place, entries }
}

/**
 * The command of a script, by its path. Versions 1 and 2 make every script executable first, and run none without a
 * `#!` line. A shell runs those of version 3, and reads a script without an interpreter itself.
 */
function argvOf(script: TextFile, { generation, at }: Image): readonly string[] {
  const path = at(script.path)
  const shebang = shebangOf(script.text)
  if (generation === 3) return isPlainText(script) && isExecutable(script) ? ['/bin/sh', path] : [path]
  return shebang === undefined || isExecutable(script) ? [path] : [...shebang, path]
}

/** Whether the kernel refuses the file, because it is no program of any kind. */
function isPlainText({ text }: TextFile): boolean {
  return shebangOf(text) === undefined && !text.startsWith('\x7fELF')
}

function warnOf(script: TextFile, name: string, prefix: string, { generation }: Image): readonly Diagnostic[] {
  const place = { file: script.path, line: 1, column: 1 }
  const warn = (message: string, hint: string): Diagnostic => ({ severity: 'warning', message, place, hint })
  const found: Diagnostic[] = []
  if (generation === 3 && !isExecutable(script))
    found.push(
      warn(`"${name}" of ${prefix}.d is not executable: it fails, as in s6-overlay`, `chmod +x ${script.path}`),
    )
  if (generation !== 3 && isPlainText(script))
    found.push(warn(`"${name}" of ${prefix}.d has no "#!" line: it fails, as in s6-overlay`, 'begin it with #!/bin/sh'))
  if (/^#![^\n]*\r\n/.test(script.text))
    found.push(
      warn(
        `"${name}" of ${prefix}.d has Windows line ends: its interpreter is not found`,
        'convert it to Unix line ends',
      ),
    )
  return found
}
