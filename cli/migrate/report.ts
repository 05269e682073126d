// The report of `kahi migrate --report json`: what became of every key and every line, as plain data.
// docs/reference/migrate-report.schema.json explains its fields.

import type { Diagnostic } from '../../config/model/diagnostic.ts'
import type { Migrated } from './convert-one.ts'
import { uncomparedOf } from './summary.ts'

/** The report of a conversion; `output` is the written file, undefined when none was written. */
export function migrateReport(
  { conversion, layout, replacements, advice, diagnostics, isVerified }: Migrated,
  output: string | undefined,
): Readonly<Record<string, unknown>> {
  const { files, isFragment, ledger, lines } = conversion
  const traced = lines.map(({ place, fate, to, written, note }) => ({
    file: place.file,
    line: place.line,
    fate,
    to,
    at: (written && layout.lines.get(replacements.get(written) ?? written)) ?? null,
    note,
  }))
  const suggestions = advice.map(({ changes: _, ...suggestion }) => suggestion)
  const uncompared = isVerified ? uncomparedOf({ conversion }) : []
  const head = { valid: true, files, output: output ?? null, isVerified, uncompared, isFragment }
  return { ...head, ledger, lines: traced, advice: suggestions, diagnostics }
}

/** The report of files that cannot be converted. */
export function failureReport(diagnostics: readonly Diagnostic[]): Readonly<Record<string, unknown>> {
  return { valid: false, diagnostics }
}
