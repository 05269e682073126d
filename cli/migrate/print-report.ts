// The report of `kahi migrate` as text: what became of lines that are not simply kept, and what kahi can do better.

import { ADVICE_KINDS, type AdviceKind, type Suggestion } from '../../converter/advice/advice.ts'
import type { LineEntry } from '../../converter/format.ts'
import { formatPlace } from '../../config/diagnostic.ts'
import { colourFor, printError } from '../print.ts'

/** More lines that say the same in another form are only counted. */
const MOST_CHANGED = 20

/** A line for each one that was dropped, replaced or changed. */
export function printLines(lines: readonly LineEntry[]): void {
  const colour = colourFor(process.stderr)
  for (const { place, last, fate, note } of spansOf(lines)) {
    const word = fate === 'dropped' ? colour.yellow('dropped') : 'replaced'
    const to = last === place.line ? '' : `-${last}`
    printError(`${place.file}:${place.line}${to}: ${word}${note === undefined ? '' : `: ${note}`}`)
  }
  const changed = lines.filter(({ fate }) => fate === 'changed')
  for (const { place, to } of changed.slice(0, MOST_CHANGED)) printError(`${place.file}:${place.line}: changed: ${to}`)
  const more = changed.length - MOST_CHANGED
  if (more > 0) printError(`… and ${more} more changed (--report json has all)`)
}

interface Span extends LineEntry {
  /** Number of the last line. */
  readonly last: number
}

/** Lines that are gone; neighbours of which the same is to be said are one. */
function spansOf(lines: readonly LineEntry[]): readonly Span[] {
  const spans: Span[] = []
  for (const line of lines.filter(({ fate }) => fate === 'dropped' || fate === 'replaced')) {
    const before = spans.at(-1)
    const { place, fate, note } = line
    const isNext = before?.place.file === place.file && before.last + 1 === place.line
    if (before !== undefined && isNext && before.fate === fate && before.note === note)
      spans[spans.length - 1] = { ...before, last: place.line }
    else spans.push({ ...line, last: place.line })
  }
  return spans
}

/** Advice under one heading for each kind, with the lines to write. */
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
