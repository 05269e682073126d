// What people see: text on stdout, diagnostics on stderr. Colour only where a terminal shows it and nobody asked
// for none (NO_COLOR), so that pipes and files get plain text.

import { Chalk, type ChalkInstance } from 'chalk'
import { type Diagnostic, formatPlace, type Severity } from '../config/diagnostic.ts'

/** Writes a line to stdout. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Writes a line to stderr. */
export function printError(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Writes what was found in a file to stderr, severities in colour. */
export function printDiagnostics(diagnostics: readonly Diagnostic[]): void {
  const colour = colourFor(process.stderr)
  for (const diagnostic of diagnostics) printError(showDiagnostic(diagnostic, colour))
}

/** Shows how far the work is, in one line of a terminal that the next one replaces and an empty one takes away. A terminal may not know its width. */
export function showProgress(line: string): void {
  if (process.stderr.isTTY !== true) return
  process.stderr.write(`\r\x1b[K${line.slice(0, (process.stderr.columns || 80) - 1)}`)
}

/** `kahi: error: MESSAGE` with its hint, for what is no fault in a file. */
export function printProblem(message: string, hint?: string): void {
  printDiagnostics([{ severity: 'error', message, ...(hint === undefined ? {} : { hint }) }])
}

/** The colours that a stream shows; none at all unless it is a terminal. */
export function colourFor(stream: { readonly isTTY?: boolean }): ChalkInstance {
  const isPlain = stream.isTTY !== true || (process.env.NO_COLOR ?? '') !== '' || process.env.TERM === 'dumb'
  return new Chalk({ level: isPlain ? 0 : 1 })
}

function showDiagnostic(diagnostic: Diagnostic, colour: ChalkInstance): string {
  const where = diagnostic.place === undefined ? '' : `${formatPlace(diagnostic.place)}: `
  const hint = diagnostic.hint === undefined ? '' : `\n  ${colour.cyan('hint:')} ${diagnostic.hint}`
  return `${where}${severityIn(diagnostic.severity, colour)} ${diagnostic.message}${hint}`
}

function severityIn(severity: Severity, colour: ChalkInstance): string {
  if (severity === 'error') return colour.red('error:')
  return severity === 'warning' ? colour.yellow('warning:') : colour.blue('note:')
}
