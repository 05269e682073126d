// The report of `kahi migrate` as text: what became of each line that is not simply kept, and advice.

import { ADVICE_KINDS, type AdviceKind, type Suggestion } from '../../converter/advice/advice.ts'
import type { LineEntry, LineFate } from '../../converter/format.ts'
import { formatPlace } from '../../config/model/diagnostic.ts'
import { colourFor, printError } from '../print.ts'

/** Further places with the same change of form are only counted. */
const MOST_CHANGED = 20

/** Prints what was dropped, replaced or changed. Neighbouring lines with the same text are printed as one. */
export function printLines(lines: readonly LineEntry[]): void {
  const colour = colourFor(process.stderr)
  const ofFate = (...fates: readonly LineFate[]) => spansOf(lines.filter(({ fate }) => fates.includes(fate)))
  for (const span of ofFate('dropped', 'replaced')) {
    const word = span.fate === 'dropped' ? colour.yellow('dropped') : 'replaced'
    printError(`${placeOf(span)}: ${word}${span.note === undefined ? '' : `: ${span.note}`}`)
  }
  const changed = ofFate('changed')
  for (const span of changed.slice(0, MOST_CHANGED)) printError(`${placeOf(span)}: changed: ${span.to}`)
  const more = changed.length - MOST_CHANGED
  if (more > 0) printError(`… and ${more} more changed (--report json has all)`)
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

/** Prints advice by kind, with the lines to write. */
export function printAdvice(advice: readonly Suggestion[]): void {
  const colour = colourFor(process.stderr)
  for (const [kind, heading] of Object.entries(ADVICE_KINDS) as [AdviceKind, string][]) {
    const own = advice.filter((one) => one.kind === kind)
    if (own.length === 0) continue
    printError(`\n${colour.cyan('advice:')} ${heading}`)
    for (const [index, one] of own.entries()) {
      const how = one.applied ? colour.green(' (done by --modernize)') : one.certain ? ' (--modernize does it)' : ''
      printError(`${formatPlace(one.place)}: ${one.program}${how}`)
      if (own[index - 1]?.reason !== one.reason) printError(`  ${one.reason}`)
      for (const line of one.toml.split('\n')) printError(line === '' ? '' : `    ${line}`)
    }
  }
}
