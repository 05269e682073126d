// Everything kahi tells a user about their files: where, what, and what to do about it.
// Diagnostics are gathered and shown together; ConfigError carries them when a file cannot be used.

/** A spot in a text file. Lines and columns count from 1; columns count characters. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** How bad it is: an error stops the work, a warning means something may surprise, a note only informs. */
export type Severity = 'error' | 'warning' | 'note'

/** One thing to tell the user. */
export interface Diagnostic {
  readonly severity: Severity
  readonly message: string
  readonly place?: Place | undefined
  readonly hint?: string | undefined
}

/** A file that cannot be used, with every reason found. */
export class ConfigError extends Error {
  readonly diagnostics: readonly Diagnostic[]

  /** Takes all that was found; at least one of them is an error. */
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
