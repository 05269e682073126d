// The report of `kahi migrate` as text: what was lost, what to look at, and advice.

import { ADVICE_KINDS, type Suggestion } from '../../converter/advice/advice.ts'
import type { LineEntry } from '../../converter/format.ts'
import { type Diagnostic, formatPlace } from '../../config/model/diagnostic.ts'
import { colourFor, printDiagnostics, printError } from '../print.ts'
import type { Migrated } from './convert-one.ts'
import { count } from './summary.ts'

/** How many names one line lists. */
const MOST_NAMES = 5

/** What the report is about. */
export interface Reported extends Pick<Migrated, 'conversion' | 'diagnostics' | 'advice' | 'missing'> {
  /** Also what was replaced or changed in form, and the lines that advice gives. */
  readonly isVerbose: boolean
}

/** Prints findings, the most important ones first, each of them once: losses, warnings, notes, advice. */
export function printFindings({ conversion, diagnostics, advice, missing, isVerbose }: Reported): void {
  const { lines } = conversion
  const dropped = spansOf(lines.filter(({ fate }) => fate === 'dropped'))
  const replaced = spansOf(lines.filter(({ fate }) => fate === 'replaced'))
  const others = diagnostics.filter((one) => !isAbout(one, [...dropped, ...(isVerbose ? replaced : [])]))
  printDropped(dropped, diagnostics)
  printDiagnostics(others.toSorted((left, right) => rank(left) - rank(right)))
  if (isVerbose) printChanged(replaced, spansOf(lines.filter(({ fate }) => fate === 'changed')))
  if (missing.length > 0)
    printDiagnostics([{ severity: 'note', message: `not on this machine: ${listed(missing)}`, hint: MISSING_HINT }])
  printAdvice(advice, isVerbose)
}

/** What `-v` adds to these findings; undefined when it adds nothing. */
export function hiddenFindings({ conversion, advice }: Reported): string | undefined {
  const number = conversion.lines.filter(({ fate }) => fate === 'replaced' || fate === 'changed').length
  const parts = [
    number === 0 ? '' : count(number, 'replaced or changed line'),
    advice.length === 0 ? '' : 'the lines to write for the advice',
  ].filter((part) => part !== '')
  return parts.length === 0 ? undefined : `-v shows ${parts.join(', and ')}`
}

const MISSING_HINT = 'these programs cannot start here; nothing is wrong when the file is for another machine'

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMES
  return `${names.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function rank({ severity }: Diagnostic): number {
  return ['error', 'warning', 'note'].indexOf(severity)
}

function isAbout({ place }: Diagnostic, spans: readonly Span[]): boolean {
  if (place === undefined) return false
  return spans.some(
    (span) => span.place.file === place.file && span.place.line <= place.line && place.line <= span.last,
  )
}

/** A loss with the message of the reader, where it has one for these lines. */
function printDropped(dropped: readonly Span[], diagnostics: readonly Diagnostic[]): void {
  const colour = colourFor(process.stderr)
  for (const span of dropped) {
    const found = diagnostics.find((one) => isAbout(one, [span]))
    const why = found?.message ?? span.note
    printError(`${placeOf(span)}: ${colour.yellow('dropped')}${why === undefined ? '' : `: ${why}`}`)
  }
}

function printChanged(replaced: readonly Span[], changed: readonly Span[]): void {
  for (const span of replaced)
    printError(`${placeOf(span)}: replaced${span.note === undefined ? '' : `: ${span.note}`}`)
  for (const span of changed) printError(`${placeOf(span)}: changed: ${span.to}`)
}

interface Span extends LineEntry {
  /** Number of the last line. */
  readonly last: number
}

function placeOf({ place, last }: Span): string {
  return `${place.file}:${place.line}${last === place.line ? '' : `-${last}`}`
}

function spansOf(lines: readonly LineEntry[]): readonly Span[] {
  const spans: Span[] = []
  for (const line of lines) {
    const before = spans.at(-1)
    const isNext = before?.place.file === line.place.file && before.last + 1 === line.place.line
    const isSame = before?.fate === line.fate && before.note === line.note && before.to === line.to
    if (isNext && isSame) spans[spans.length - 1] = { ...before, last: line.place.line }
    else spans.push({ ...line, last: line.place.line })
  }
  return spans
}

/** Prints each piece of advice in one line, by kind; with isVerbose also the lines to write. */
function printAdvice(advice: readonly Suggestion[], isVerbose: boolean): void {
  const colour = colourFor(process.stderr)
  const kinds = Object.keys(ADVICE_KINDS)
  for (const one of advice.toSorted((left, right) => kinds.indexOf(left.kind) - kinds.indexOf(right.kind))) {
    const how = one.applied ? colour.green(' (done by --modernize)') : one.certain ? ' (--modernize does it)' : ''
    printError(`${formatPlace(one.place)}: ${colour.cyan('advice:')} ${one.program}: ${one.reason}${how}`)
    if (!isVerbose) continue
    for (const line of one.toml.split('\n')) printError(line === '' ? '' : `    ${line}`)
  }
}
