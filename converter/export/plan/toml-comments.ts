// The comments of a kahi.toml, which its reader does not keep: the lines of comments directly above a table or a key.

import { resolve } from 'node:path'
import type { Place } from '../../../config/model/diagnostic.ts'
import type { Comment, Document, Table } from '../../../config/keys/document.ts'
import { readText } from '../../../config/values/read-text.ts'
import { isFile } from '../../folders.ts'

/** The document with the comments of its TOML files. Tables of other formats have theirs already. `base` is what names of files are relative to. */
export function withTomlComments(document: Document, base: string): Document {
  const texts = new Map<string, readonly string[]>()
  const linesOf = (file: string): readonly string[] => {
    const path = resolve(base, file)
    const known = texts.get(file) ?? (isFile(path) ? readText(path).split(/\r?\n/) : [])
    texts.set(file, known)
    return known
  }
  /** The lines up to the next one that is no comment. */
  const above = ({ file, line }: Place): readonly Comment[] | undefined => {
    if (!file.endsWith('.toml')) return undefined
    const lines = linesOf(file)
    const found: Comment[] = []
    for (let at = line - 1; at > 0; at -= 1) {
      const text = /^\s*#(.*)$/.exec(lines[at - 1] ?? '')?.[1]
      if (text === undefined) break
      found.unshift({ text, place: { file, line: at, column: 1 } })
    }
    return found.length === 0 ? undefined : found
  }
  const tables = document.tables.map((table): Table => {
    if (table.comments !== undefined) return table
    const entries = table.entries.map((entry) =>
      entry.comments === undefined && entry.place.line > table.place.line
        ? { ...entry, comments: above(entry.place) }
        : entry,
    )
    return { ...table, comments: above(table.place), entries }
  })
  return { ...document, tables }
}
