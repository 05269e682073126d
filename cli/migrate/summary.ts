// The numbers that stand at the end of a report.

import type { Conversion, LedgerEntry } from '../../converter/format.ts'

const FATES: readonly LedgerEntry['fate'][] = ['kept', 'renamed', 'changed', 'defaulted', 'replaced', 'dropped']

/** `15 kept, 0 renamed, …`. */
export function countFates(ledger: readonly LedgerEntry[]): string {
  return FATES.map((fate) => `${ledger.filter((entry) => entry.fate === fate).length} ${fate}`).join(', ')
}

/** `1 file`, `2 files`. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

/** Whether any line was lost. */
export function hasDrops({ lines }: Conversion): boolean {
  return lines.some(({ fate }) => fate === 'dropped')
}
