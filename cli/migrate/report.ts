// The report of `kahi migrate --report json`: what became of every key and every line, as plain data. Its fields are
// explained in docs/reference/migrate-report.schema.json.

import type { Diagnostic } from '../../config/diagnostic.ts'
import type { Migrated } from './convert-one.ts'

/** The report of a conversion that was written to `output`, or not written when that is undefined. */
export function migrateReport(
  { conversion, layout, standIns, advice, diagnostics, isVerified }: Migrated,
  output: string | undefined,
): Readonly<Record<string, unknown>> {
  const { files, isFragment, ledger, lines } = conversion
  const traced = lines.map(({ place, fate, to, written, note }) => ({
    file: place.file,
    line: place.line,
    fate,
    to,
    at: (written && layout.lines.get(standIns.get(written) ?? written)) ?? null,
    note,
  }))
  const suggestions = advice.map(({ changes: _, ...suggestion }) => suggestion)
  const head = { valid: true, files, output: output ?? null, isVerified, isFragment }
  return { ...head, ledger, lines: traced, advice: suggestions, diagnostics }
}

/** The report of files that cannot be converted. */
export function failureReport(diagnostics: readonly Diagnostic[]): Readonly<Record<string, unknown>> {
  return { valid: false, diagnostics }
}
