// Messages about a user's files: the place, the problem, and a hint. Diagnostics are collected and shown together; a
// ConfigError contains them when a file is invalid.

/** A spot in a text file. Lines and columns count from 1; columns count characters. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** An error stops the work, a warning is about something unexpected, a note only informs. */
export type Severity = 'error' | 'warning' | 'note'

/** One message for the user. */
export interface Diagnostic {
  readonly severity: Severity
  readonly message: string
  readonly place?: Place | undefined
  readonly hint?: string | undefined
}

/** An invalid file, with all errors. */
export class ConfigError extends Error {
  readonly diagnostics: readonly Diagnostic[]

  /** At least one of the diagnostics is an error. */
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(formatDiagnostic).join('\n'))
    this.name = 'ConfigError'
    this.diagnostics = diagnostics
  }
}

/** Whether any of them is an error. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error')
}

/** `kahi.toml:4:1`. */
export function formatPlace(place: Place): string {
  return `${place.file}:${place.line}:${place.column}`
}

/** `kahi.toml:4:1: error: Cannot read …`, with `  hint: …` on a line of its own when there is one. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const where = diagnostic.place === undefined ? '' : `${formatPlace(diagnostic.place)}: `
  const hint = diagnostic.hint === undefined ? '' : `\n  hint: ${diagnostic.hint}`
  return `${where}${diagnostic.severity}: ${diagnostic.message}${hint}`
}
