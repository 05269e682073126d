// Records what became of every file of a conversion, and thereby of every line.

import { append } from '../../config/model/append.ts'
import type { Comment } from '../../config/keys/document.ts'
import type { LedgerEntry, LineEntry, Written } from '../format.ts'
import type { Definition, TextFile } from './definition.ts'

/** What became of one file. */
export interface Outcome {
  readonly fate: LedgerEntry['fate']
  /** Key path in the TOML; empty when there is none. */
  readonly to: string
  readonly written?: Written | undefined
  readonly note?: string | undefined
  /** Lines of the file that are comments in the TOML, by number. */
  readonly comments?: ReadonlyMap<number, Comment> | undefined
}

/** Collects the outcomes of files, in order. */
export class Ledger {
  readonly entries: LedgerEntry[] = []
  readonly lines: LineEntry[] = []
  readonly files: string[] = []

  /** Records a file or directory of a definition; the lines of a text have the same fate. */
  settle(definition: Definition, name: string, outcome: Outcome): void {
    const text = definition.texts.get(name)
    const file = text?.path ?? definition.nodes.get(name)?.path ?? definition.place.file
    const { fate, to, note } = outcome
    this.entries.push({ place: { file, line: 1, column: 1 }, section: definition.name, key: name, fate, to, note })
    if (text === undefined) return
    this.files.push(text.path)
    append(this.lines, accountFor(text, outcome))
  }

  /** Records a key that comes from no file. */
  spell(definition: Definition, outcome: Outcome): void {
    const { to, note } = outcome
    const key = to.slice(to.lastIndexOf('.') + 1)
    this.entries.push({ place: definition.place, section: definition.name, key, fate: 'defaulted', to, note })
  }
}

/** The lines of a text, without an empty one after the last line end. */
export function linesOf(text: string): readonly string[] {
  const lines = text.split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

function accountFor({ path, text }: TextFile, { fate, to, written, note, comments }: Outcome): readonly LineEntry[] {
  return linesOf(text).map((line, index) => {
    const place = { file: path, line: index + 1, column: 1 }
    const comment = comments?.get(index + 1)
    if (comment !== undefined) return { place, fate: 'comment', to: '', written: comment }
    if (line.trim() === '') return { place, fate: 'blank', to: '', written: undefined }
    return { place, fate, to, written, note }
  })
}
