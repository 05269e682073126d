// Output for users: text on stdout, diagnostics on stderr. Colour is used only on a terminal, unless NO_COLOR is set:
// pipes and files get plain text.

import { Chalk, type ChalkInstance } from 'chalk'
import { type Diagnostic, formatPlace, type Severity } from '../config/model/diagnostic.ts'

/** A stream of this process. */
export type OutputStream = 'stdout' | 'stderr'

let take: ((line: string, stream: OutputStream) => boolean) | undefined

/** Lines are offered to the function first, which says whether it has taken them. Returns a function that ends that. */
export function divertLines(taker: (line: string, stream: OutputStream) => boolean): () => void {
  take = taker
  return () => (take = undefined)
}

/** Writes a line to stdout. */
export function print(line: string): void {
  write(line, 'stdout')
}

/** Writes a line to stderr. */
export function printError(line: string): void {
  write(line, 'stderr')
}

function write(line: string, stream: OutputStream): void {
  if (take?.(line, stream) !== true) process[stream].write(`${line}\n`)
}

/** Writes diagnostics to stderr, severities in colour. `excerpt` gives lines that are shown below the message. */
export function printDiagnostics(
  diagnostics: readonly Diagnostic[],
  excerpt: (diagnostic: Diagnostic) => readonly string[] = () => [],
): void {
  const colour = colourFor(process.stderr)
  for (const diagnostic of diagnostics) printError(showDiagnostic(diagnostic, excerpt(diagnostic), colour))
}

/**
 * Shows progress in one line of a terminal. The next call replaces the line; an empty text removes it. Some terminals
 * do not know their width.
 */
export function showProgress(line: string): void {
  if (process.stderr.isTTY !== true) return
  process.stderr.write(`\r\x1b[K${line.slice(0, (process.stderr.columns || 80) - 1)}`)
}

/** `kahi: error: MESSAGE` with its hint, for an error that is not in a file. */
export function printProblem(message: string, hint?: string): void {
  printDiagnostics([{ severity: 'error', message, ...(hint === undefined ? {} : { hint }) }])
}

/** The colours for a stream; none unless it is a terminal. */
export function colourFor(stream: { readonly isTTY?: boolean }): ChalkInstance {
  const isPlain = stream.isTTY !== true || (process.env.NO_COLOR ?? '') !== '' || process.env.TERM === 'dumb'
  return new Chalk({ level: isPlain ? 0 : 1 })
}

function showDiagnostic(diagnostic: Diagnostic, excerpt: readonly string[], colour: ChalkInstance): string {
  const where = diagnostic.place === undefined ? '' : `${formatPlace(diagnostic.place)}: `
  const hint = diagnostic.hint === undefined ? '' : `\n  ${colour.cyan('hint:')} ${diagnostic.hint}`
  const lines = excerpt.map((line) => `\n${colour.dim(line)}`).join('')
  return `${where}${severityIn(diagnostic.severity, colour)} ${diagnostic.message}${lines}${hint}`
}

function severityIn(severity: Severity, colour: ChalkInstance): string {
  if (severity === 'error') return colour.red('error:')
  return severity === 'warning' ? colour.yellow('warning:') : colour.blue('note:')
}
