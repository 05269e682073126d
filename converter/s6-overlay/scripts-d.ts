// cont-init.d and cont-finish.d: each script a oneshot, in the order of their bytes. Those of cont-finish.d are commands
// that take something down again: they come up first, the last one before all others, and so are run last and in order.
// Source: s6-overlay 3.2.3.2, legacy-cont-init; v1.21, init-stage2 and init-stage3.

import type { Diagnostic } from '../../config/diagnostic.ts'
import type { Entry, Table, Value } from '../../config/document.ts'
import { escapeValue } from '../s6-rc/convert-definition.ts'
import type { Definition, TextFile } from '../s6-rc/definition.ts'
import type { Ledger } from '../s6-rc/ledger.ts'
import { isExecutable, shebangOf } from '../s6-rc/scripts.ts'
import { readFolder } from './folder.ts'
import type { Image } from './image.ts'
import type { OverlaySettings } from './variables.ts'

/** Tables with the name that stands for all of them. */
export interface ScriptTables {
  readonly tables: readonly Table[]
  /** In the order in which they run. */
  readonly names: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

/** The scripts of cont-init.d; the first one waits for `after`. A failure of one stops the others in versions 1 and 2 only. */
export function convertContInit(
  image: Image,
  { ifFails, bootSecs }: OverlaySettings,
  ledger: Ledger,
  after: string,
): ScriptTables {
  const isStrict = image.generation === 2 && ifFails > 0
  return convertScripts(image, ledger, 'cont-init', (script, previous) => {
    const needs = previous === undefined ? [after] : isStrict ? [previous] : { [previous]: 'ordered' }
    const limit: readonly (readonly [string, Value])[] = bootSecs === 0 ? [] : [['timeout_up', bootSecs]]
    return [['up', script], ...limit, ['depends_on', needs]]
  })
}

/** The scripts of cont-finish.d. */
export function convertContFinish(image: Image, { finishSecs }: OverlaySettings, ledger: Ledger): ScriptTables {
  const found = convertScripts(image, ledger, 'cont-finish', (script) => {
    const limit: readonly (readonly [string, Value])[] = finishSecs === 0 ? [] : [['timeout_down', finishSecs]]
    return [['up', ''], ['down', script], ...limit]
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
    diagnostics.push(...warnOf(script, name, prefix, image))
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
  const name = `${prefix}-${file.replaceAll(/[\s:/]/g, '_')}`
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

/** By its path; versions 1 and 2 made every script executable first, and what names no interpreter is sh's. */
function argvOf(script: TextFile, { generation, at }: Image): readonly string[] {
  const path = at(script.path)
  const shebang = shebangOf(script.text)
  if (shebang === undefined) return ['/bin/sh', path]
  return generation === 3 || isExecutable(script) ? [path] : [...shebang, path]
}

function warnOf(script: TextFile, name: string, prefix: string, { generation }: Image): readonly Diagnostic[] {
  const place = { file: script.path, line: 1, column: 1 }
  const warn = (message: string, hint: string): Diagnostic => ({ severity: 'warning', message, place, hint })
  const found: Diagnostic[] = []
  if (generation === 3 && !isExecutable(script))
    found.push(
      warn(`"${name}" of ${prefix}.d is not executable: it fails, as in s6-overlay`, `chmod +x ${script.path}`),
    )
  if (/^#![^\n]*\r\n/.test(script.text))
    found.push(
      warn(
        `"${name}" of ${prefix}.d has Windows line ends: its interpreter is not found`,
        'convert it to Unix line ends',
      ),
    )
  return found
}
