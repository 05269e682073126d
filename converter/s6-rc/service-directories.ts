// A scan directory as s6-svscan takes it → a table for each service directory in it that has a `run`. The files are those of
// longruns, but that `down` and `nosetsid` mean something here.
// Source: s6 2.15, s6-svscan and servicedir; sections 3.1 and 3.2 of their behaviour as verified by experiment.

import { statSync } from 'node:fs'
import type { Diagnostic } from '../../config/diagnostic.ts'
import type { Entry, Table, Value } from '../../config/document.ts'
import { convertDefinition } from './convert-definition.ts'
import { type Definition, NUMBER_FILES } from './definition.ts'
import { Layers } from './layers.ts'
import { Ledger } from './ledger.ts'
import { readServiceDirectory } from './read-tree.ts'

/** Longest name of a service. Source: s6 2.15, s6-svscan -L. */
const LONGEST_NAME = 251

/** The services of a scan directory, and what there is to say about them: nothing in it is an error. */
export interface ScannedServices {
  readonly tables: readonly Table[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads a scan directory; names that are `taken` are passed over. One that is not there has no services. */
export function readServiceDirectories(root: string, taken: ReadonlySet<string>): ScannedServices {
  const layers = new Layers([root])
  const tables: Table[] = []
  const diagnostics: Diagnostic[] = []
  const seen = new Set<string>()
  for (const name of layers.list('.') ?? []) {
    const directory = layers.find(name)
    const isService = directory?.kind === 'directory' && layers.find(`${name}/run`)?.kind === 'file'
    if (name.startsWith('.') || !isService || taken.has(name) || name.length > LONGEST_NAME) continue
    const { dev, ino } = statSync(directory.path)
    if (seen.has(`${dev}:${ino}`)) continue
    seen.add(`${dev}:${ino}`)
    const found = readServiceDirectory(layers, name, directory)
    diagnostics.push(...found.diagnostics.map((one): Diagnostic => ({ ...one, severity: 'warning' })))
    if (layers.find(`${name}/log/run`) !== undefined) diagnostics.push(withoutLogger(directory.path))
    tables.push(tableOf(withoutUnreadable(found.definition)))
  }
  return { tables, diagnostics }
}

function withoutLogger(directory: string): Diagnostic {
  const message = 'The logger of the service is not run: what the service writes goes where kahi itself writes'
  return { severity: 'warning', message, place: { file: `${directory}/log/run`, line: 1, column: 1 } }
}

/** A file whose number cannot be read counts for nothing. */
function withoutUnreadable(definition: Definition): Definition {
  const isRead = (file: string): boolean => !NUMBER_FILES.some((one) => one === file && !definition.numbers.has(one))
  return { ...definition, nodes: new Map([...definition.nodes].filter(([file]) => isRead(file))) }
}

function tableOf(definition: Definition): Table {
  const nothing = { essential: new Set(''), translated: new Map<string, never>() }
  const around = { ledger: new Ledger(), isInline: false, isOverlay: false, ...nothing }
  const table = convertDefinition(definition, { ...around, at: (path) => path })
  const said: readonly (readonly [file: string, key: string, value: Value])[] = [
    ['down', 'autostart', false],
    ['nosetsid', 'session', false],
  ]
  const meant = said.filter(([file]) => definition.nodes.has(file))
  const entries: readonly Entry[] = [
    ...table.entries.filter(({ key }) => !meant.some(([, other]) => key === other)),
    ...meant.map(([, key, value]) => ({ key, value, place: definition.place })),
  ]
  return { kind: 'programs', name: definition.name, place: definition.place, entries, isDynamic: true }
}
