// The numbers at the end of a report.

import { DEFAULT_RESULT_HANDLER } from '../../config/keys/event-listener.ts'
import type { Document } from '../../config/keys/document.ts'
import type { TableKind } from '../../config/keys/tables.ts'
import type { Conversion, LedgerEntry } from '../../converter/format.ts'
import type { Migrated } from './convert-one.ts'

const FATES: readonly LedgerEntry['fate'][] = ['kept', 'renamed', 'changed', 'defaulted', 'replaced', 'dropped']

/** `15 kept, 0 renamed, …`. */
export function countFates(ledger: readonly LedgerEntry[]): string {
  return FATES.map((fate) => `${ledger.filter((entry) => entry.fate === fate).length} ${fate}`).join(', ')
}

/** `1 file`, `2 files`. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

/** Words for tables, in the order of a report. */
const NOUNS = {
  programs: 'program',
  fcgi_programs: 'FastCGI program',
  event_listeners: 'event listener',
  oneshots: 'oneshot',
  bundles: 'bundle',
  groups: 'group',
} as const satisfies Partial<Readonly<Record<TableKind, string>>>

/** `1 program, 1 event listener and 0 groups`: programs and groups always, or what stands for groups, others if there are any. */
export function describeTables({ tables }: Document): string {
  const numberOf = (kind: TableKind): number => tables.filter((table) => table.kind === kind).length
  const isS6 = numberOf('oneshots') + numberOf('bundles') > 0
  const shown = Object.entries(NOUNS).flatMap(([kind, noun]) => {
    const number = numberOf(kind as keyof typeof NOUNS)
    const isAlways = kind === 'programs' || (kind === 'groups' && !isS6)
    return number > 0 || isAlways ? [count(number, noun)] : []
  })
  return shown.length === 1 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}

/** Whether any line was lost. */
export function hasDrops({ lines }: Conversion): boolean {
  return lines.some(({ fate }) => fate === 'dropped')
}

/** Exceptions of the proof, as the end of the sentence "it runs the same but for …". */
export function exceptionsOf({ conversion, advice }: Pick<Migrated, 'conversion' | 'advice'>): readonly string[] {
  const handled = conversion.document.tables.filter(({ kind, entries }) => {
    const handler = entries.find(({ key }) => key === 'result_handler')?.value
    return kind === 'event_listeners' && handler !== undefined && handler !== DEFAULT_RESULT_HANDLER
  })
  return [
    advice.some(({ applied }) => applied) ? 'what --modernize changed' : '',
    hasDrops(conversion) ? 'what was dropped' : '',
    handled.length > 0 ? `the result handlers of ${handled.map(({ name }) => name).join(', ')}` : '',
  ].filter((one) => one !== '')
}

/**
 * What the proof does not look at. It compares the settings of every process with a second reading of the source: commands,
 * variables, users, directories, order, limits, logs.
 */
export function uncomparedOf({ conversion }: Pick<Migrated, 'conversion'>): readonly string[] {
  const listeners = conversion.document.tables.filter(({ kind }) => kind === 'event_listeners').map(({ name }) => name)
  return [
    'what programs and scripts do',
    ...(listeners.length === 0 ? [] : [`what the event listeners ${listeners.join(', ')} do with events`]),
    ...(conversion.uncompared ?? []),
  ]
}
