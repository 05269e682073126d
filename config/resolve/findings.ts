// Collects the errors, warnings and notes about a document, each once.

import type { Diagnostic, Place } from '../model/diagnostic.ts'

/** Further findings are only counted. */
const MOST_FINDINGS = 1000

/** Collects diagnostics; equal ones are kept once. */
export class Findings {
  readonly #found = new Map<string, Diagnostic>()
  #more = 0
  #hasMoreErrors = false

  /** Adds a diagnostic. */
  add(diagnostic: Diagnostic): void {
    const { severity, place, message } = diagnostic
    if (this.isFull) {
      this.#more += 1
      this.#hasMoreErrors ||= severity === 'error'
    } else this.#found.set(`${severity} ${place?.file}:${place?.line}:${place?.column} ${message}`, diagnostic)
  }

  /** Adds an error. */
  error(message: string, place?: Place, hint?: string): void {
    this.add({ severity: 'error', message, place, hint })
  }

  /** Whether further findings are only counted: then no hints need to be computed for them. */
  get isFull(): boolean {
    return this.#found.size >= MOST_FINDINGS
  }

  /** All findings by file and line; the last one is the number of those that were only counted. */
  get all(): readonly Diagnostic[] {
    const sorted = sortByPlace([...this.#found.values()])
    const severity = this.#hasMoreErrors ? 'error' : 'warning'
    return this.#more === 0 ? sorted : [...sorted, { severity, message: `${this.#more} more are not shown` }]
  }
}

/** Files are in the order in which they first appear; findings without a place come first. */
function sortByPlace(found: readonly Diagnostic[]): readonly Diagnostic[] {
  const files = new Map<string | undefined, number>([[undefined, 0]])
  for (const { place } of found) if (!files.has(place?.file)) files.set(place?.file, files.size)
  const rank = ({ place }: Diagnostic): number => files.get(place?.file) ?? 0
  return [...found].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
      (a.place?.column ?? 0) - (b.place?.column ?? 0),
  )
}
