// Writes a kahi.toml as a supervisord.conf. The written text is read again as supervisord would read it. Lines that are
// refused are removed and reported, and so is everything that then runs differently. So every loss is reported, also
// for keys that this file does not know.

import type { Machine } from '../../../config/model/machine.ts'
import type { Config } from '../../../config/settings/config.ts'
import { type Difference, findDifferences } from '../../../config/settings/difference.ts'
import { ConfigError, type Diagnostic, type Place } from '../../../config/model/diagnostic.ts'
import { type Document, findEntry, type Table } from '../../../config/keys/document.ts'
import { inherit } from '../../../config/resolve/inherit.ts'
import { resolveDocument } from '../../../config/resolve/resolve.ts'
import { convertSupervisord } from '../convert.ts'
import { hasNoSection, type Line, type Owner, writeSections } from './sections.ts'

/** Options of an export. */
export interface ExportOptions {
  /** The path of the text; decides whether `%(here)s` can be used. */
  readonly target: string
}

/** The text of a supervisord.conf, and everything that it cannot express. */
export interface Exported {
  readonly text: string
  readonly diagnostics: readonly Diagnostic[]
  /** Notes that are no losses. */
  readonly notes: readonly Diagnostic[]
}

/** Writes the document as a supervisord.conf. Throws ConfigError when the document is invalid. */
export function exportSupervisord(given: Document, machine: Machine, { target }: ExportOptions): Exported {
  const document = inherit(given)
  const { config } = resolveDocument(document, machine, { assumeImage: true })
  const unsayable = new Map<Owner, string>()
  for (;;) {
    const { lines, diagnostics } = writeSections(document, machine, target, unsayable)
    const text = `${lines.map((line) => line.text).join('\n')}\n`
    const again = readAgain(text, target, machine)
    if ('diagnostics' in again) {
      takeOut(again, lines, unsayable)
      continue
    }
    const told = new Set(diagnostics.map(({ place }) => placeKey(place)))
    const differences = findDifferences(config, again)
      .filter(
        (difference) =>
          !isHarmless(difference, config) && !isConsequence(difference, unsayable) && !isLeftOut(difference),
      )
      .map((difference) => describe(difference, document))
      .filter(({ place }) => place === undefined || !told.has(placeKey(place)))
    const found = new Map([...diagnostics, ...differences].map((one) => [`${placeKey(one.place)} ${one.message}`, one]))
    return { text, diagnostics: [...found.values()], notes: noteOfPidFile(config, again) }
  }
}

/** supervisord always writes a pidfile. */
function noteOfPidFile({ supervisor }: Config, again: Config): readonly Diagnostic[] {
  if (supervisor.pidfile !== undefined) return []
  const message = `supervisord always writes a pid file: ${again.supervisor.pidfile}`
  return [{ severity: 'note', message, hint: 'pidfile in [supervisor] names another one' }]
}

function readAgain(text: string, target: string, machine: Machine): Config | ConfigError {
  try {
    const { document } = convertSupervisord(target, machine, { text })
    return resolveDocument(document, machine, { assumeImage: true }).config
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
}

/** Marks the entries of refused lines as not expressible. An error without a line is a bug of kahi. */
function takeOut(refused: ConfigError, lines: readonly Line[], unsayable: Map<Owner, string>): void {
  const numbered = lines.flatMap((line) => line.text.split('\n').map(() => line.owner))
  const before = unsayable.size
  for (const { severity, message, place } of refused.diagnostics) {
    const owner = severity === 'error' && place !== undefined ? numbered[place.line - 1] : undefined
    if (owner !== undefined) unsayable.set(owner, message)
  }
  if (unsayable.size === before) throw refused
}

/** A different value with the same meaning. */
function isHarmless({ key, table, before, after }: Difference, config: Config): boolean {
  if (key === 'command') return Array.isArray(before)
  // only how lines look on a terminal or in a container's log
  if (key === 'log_format') return [before, after].every((format) => format === 'auto' || format === 'raw')
  if (table?.kind === 'supervisor') {
    if (key === 'output_format') return before === 'auto'
    if (key === 'logfile_maxbytes') return config.supervisor.logfile === undefined
    return ['pidfile', 'logfile'].includes(key) && before === undefined
  }
  const stream = /^(std(?:out|err))_logfile_maxbytes$/.exec(key)?.[1]
  if (stream === undefined || after !== 0) return false
  const processes = config.groups.flatMap((group) => group.processes).filter(({ program }) => program === table?.name)
  return processes.every((process) =>
    ['stdout', 'stderr', 'none'].includes(process[stream === 'stdout' ? 'stdout' : 'stderr'].logfile.kind),
  )
}

/** A different order, because an entry was left out. */
function isConsequence({ table }: Difference, unsayable: ReadonlyMap<Owner, string>): boolean {
  return table === undefined && [...unsayable.keys()].some((owner) => 'entries' in owner)
}

/** All tables of a kind: the text has no section for them, and a warning names each. */
function isLeftOut({ table, key }: Difference): boolean {
  return table === undefined && hasNoSection(key)
}

function describe({ table, subject, key, before, after }: Difference, document: Document): Diagnostic {
  const found = document.tables.find(({ kind, name }) => kind === table?.kind && name.trim() === table.name)
  const place = found && (entryPlace(found, key) ?? found.place)
  const message = `"${key}" of ${subject} would be ${show(after)} there, not ${show(before)}`
  return { severity: 'warning', message, place }
}

function entryPlace(table: Table, key: string): Place | undefined {
  const [head = key] = /^(?:environment|env_file)(?=\.)/.exec(key) ?? []
  const name = head === 'argv' ? 'command' : head
  return findEntry(table, name)?.place
}

function show(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value)
}

function placeKey(place: Place | undefined): string {
  return place === undefined ? '' : `${place.file}:${place.line}:${place.column}`
}
