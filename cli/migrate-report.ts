// The report of `kahi migrate --report json`: what became of every key and every line, as plain data. Its fields are
// explained in docs/reference/migrate-report.schema.json.

import type { Diagnostic } from '../config/diagnostic.ts'
import type { Layout } from '../config/write.ts'
import type { Conversion } from '../converter/format.ts'

/** The report of a conversion that was written as `layout`. */
export function migrateReport(
  { files, isFragment, ledger, lines }: Conversion,
  layout: Layout,
  diagnostics: readonly Diagnostic[],
  output: string | undefined,
): Readonly<Record<string, unknown>> {
  const traced = lines.map(({ place, fate, to, written, note }) => ({
    file: place.file,
    line: place.line,
    fate,
    to,
    at: (written && layout.lines.get(written)) ?? null,
    note,
  }))
  return { valid: true, files, output: output ?? null, isFragment, ledger, lines: traced, diagnostics }
}

/** The report of files that cannot be converted. */
export function failureReport(diagnostics: readonly Diagnostic[]): Readonly<Record<string, unknown>> {
  return { valid: false, diagnostics }
}
