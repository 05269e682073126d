// Records what became of every key and section of a conversion, and thereby of every line.

import type { Place } from '../../config/model/diagnostic.ts'
import type { LedgerEntry, LineEntry, Written } from '../format.ts'
import type { IniLine } from './read-ini.ts'

/** What became of one key, or of the name of a section. */
export interface Outcome {
  readonly fate: LedgerEntry['fate']
  /** Key path in the TOML; empty when there is none. */
  readonly to: string
  readonly written?: Written | undefined
  readonly note?: string | undefined
}

/** Collects outcomes while sections are converted. */
export class Ledger {
  readonly entries: LedgerEntry[] = []
  readonly #outcomes = new Map<string, Outcome>()

  /** Records a key, or with an empty key a whole section. */
  record(section: string, key: string, place: Place, outcome: Outcome): void {
    const { fate, to, note } = outcome
    this.entries.push({ place, section, key, fate, to, note })
  }

  /** Records the lines of a key, or with an empty key the lines with a section's name. The first call counts. */
  settle(section: string, key: string, outcome: Outcome): void {
    const id = idOf(section, key)
    if (!this.#outcomes.has(id)) this.#outcomes.set(id, outcome)
  }

  /** What became of every line. */
  lines(lines: readonly IniLine[]): LineEntry[] {
    return lines.map((line) => {
      if (line.kind === 'blank') return { place: line.place, fate: 'blank', to: '', written: undefined }
      if (line.kind === 'comment') return { place: line.place, fate: 'comment', to: '', written: line.comment }
      if (line.kind === 'value' && line.overriddenAt !== undefined) {
        const { file, line: number } = line.overriddenAt
        const note = `set again at ${file}:${number}, which counts`
        return { place: line.place, fate: 'replaced', to: '', written: undefined, note }
      }
      const outcome = this.#outcomes.get(idOf(line.section, line.kind === 'value' ? line.key : ''))
      if (outcome === undefined) throw new Error(`nothing is known about line ${line.place.line} of ${line.place.file}`)
      const { fate, to, written, note } = outcome
      return { place: line.place, fate, to, written, note }
    })
  }
}

function idOf(section: string, key: string): string {
  return `${section}\n${key}`
}
