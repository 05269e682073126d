// The comments of a table, for formats that have comments too.

import type { Comment, Table } from '../../../config/keys/document.ts'

/** The lines above the table and its entries, and the remarks behind entries, as `key: remark`. */
export function commentsOf(table: Table): readonly string[] {
  const lines = (comments: readonly Comment[] | undefined): readonly string[] =>
    (comments ?? []).map(({ text }) => (text ?? '').trim())
  const found = [
    ...lines(table.comments),
    ...(table.remark === undefined ? [] : [table.remark.trim()]),
    ...table.entries.flatMap(({ key, comments, remark }) => [
      ...lines(comments),
      ...(remark === undefined ? [] : [`${key}: ${remark.trim()}`]),
    ]),
    ...lines(table.after),
  ].map((line) => line.replaceAll(/[\0-\x1f]/g, ' '))
  return found.filter((line, index) => line !== '' && found.indexOf(line) === index)
}
