// Writes a Document as readable TOML: tables and keys in their order, comments beside them, texts quoted with as few
// escapes as possible. readDocument gives the same Document again.

import { append } from '../model/append.ts'
import { type Comment, type Document, type Entry, type Table, tableName } from '../keys/document.ts'
import type { Value } from '../model/value.ts'

const WIDEST_INLINE_TABLE = 100

/** A text, and the line of each part of the Document in it. */
export interface Layout {
  /** TOML, ending in a newline. */
  readonly text: string
  /** The line of each table, entry and comment; the first line when it has several. */
  readonly lines: ReadonlyMap<Table | Entry | Comment, number>
}

/** The TOML text, ending in a newline. */
export function writeDocument(document: Document): string {
  return layOut(document).text
}

/** The TOML text, with the line of each part. */
export function layOut(document: Document): Layout {
  const blocks = writeBlocks(document).filter((block) => block.length > 0)
  const lines = new Map<Table | Entry | Comment, number>()
  let line = 1
  for (const block of blocks) {
    for (const { text, source } of block) {
      if (source !== undefined) lines.set(source, line)
      line += text.split('\n').length
    }
    line += 1
  }
  return { text: `${blocks.map((block) => block.map(({ text }) => text).join('\n')).join('\n\n')}\n`, lines }
}

/** A part of the text with one or more lines, and the part of the Document that it shows. */
interface Piece {
  readonly text: string
  readonly source?: Table | Entry | Comment
}

function writeBlocks(document: Document): Piece[][] {
  const counts = new Map<string, number>()
  for (const table of document.tables) counts.set(tableName(table), (counts.get(tableName(table)) ?? 0) + 1)
  const blocks = document.tables.map((table) => writeTable(table, (counts.get(tableName(table)) ?? 0) > 1))
  const header = (document.header ?? []).map((text) => ({ text: commentLine(text) }))
  return [header, ...blocks, writeComments(document.footer)]
}

/** A text as TOML; as a literal string where that is easier to read. */
export function quoteText(text: string): string {
  const plain = !/[\x00-\x08\x0a-\x1f\x7f]/.test(text)
  if (plain && !/["\\]/.test(text)) return `"${text}"`
  if (plain && !text.includes("'")) return `'${text}'`
  const multiline = /\n/.test(text) || plain
  if (multiline && !text.includes("'''") && !text.endsWith("'") && !/[\x00-\x08\x0b-\x1f\x7f]/.test(text)) {
    return text.includes('\n') ? `'''\n${text}'''` : `'''${text}'''`
  }
  return `"${text.replaceAll(/["\\\x00-\x1f\x7f]/g, escapeCharacter)}"`
}

function writeTable(table: Table, isRepeated: boolean): Piece[] {
  const name = table.name === '' ? table.kind : `${table.kind}.${quoteKey(table.name)}`
  const long = table.entries.filter((entry) => isTree(entry.value) && writeEntry(entry).length > WIDEST_INLINE_TABLE)
  const header = isRepeated ? `[[${name}]]` : `[${name}]`
  const pieces: Piece[] = [...writeComments(table.comments), { text: header + writeRemark(table), source: table }]
  for (const entry of table.entries) {
    if (long.includes(entry)) continue
    append(pieces, [...writeComments(entry.comments), { text: writeEntry(entry) + writeRemark(entry), source: entry }])
  }
  for (const entry of long) {
    const inner = `[${name}.${quoteKey(entry.key)}]${writeRemark(entry)}`
    append(pieces, [{ text: '' }, ...writeComments(entry.comments), { text: inner, source: entry }])
    for (const [key, value] of Object.entries(entry.value as Record<string, Value>))
      pieces.push({ text: `${quoteKey(key)} = ${writeValue(value)}` })
  }
  return [...pieces, ...writeComments(table.after)]
}

function writeEntry(entry: Entry): string {
  return `${quoteKey(entry.key)} = ${writeValue(entry.value)}`
}

function writeRemark({ remark }: Table | Entry): string {
  return remark === undefined ? '' : `  ${commentLine(remark)}`
}

function writeComments(comments: readonly Comment[] | undefined): Piece[] {
  return (comments ?? []).map((comment) => ({
    text: comment.text === null ? '' : commentLine(comment.text),
    source: comment,
  }))
}

function commentLine(comment: string): string {
  return `# ${comment.replaceAll(/[\x00-\x08\x0a-\x1f\x7f]/g, '?')}`.trimEnd()
}

/** A value on one line. */
export function writeValue(value: Value): string {
  if (typeof value === 'string') return quoteText(value)
  if (Array.isArray(value)) return `[${value.map(writeValue).join(', ')}]`
  if (!isTree(value)) return String(value)
  const pairs = Object.entries(value).map(([key, item]) => `${quoteKey(key)} = ${writeValue(item)}`)
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`
}

function quoteKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : `"${key.replaceAll(/["\\\x00-\x1f\x7f]/g, escapeCharacter)}"`
}

function escapeCharacter(character: string): string {
  const short: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r' }
  return short[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function isTree(value: Value): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && !Array.isArray(value)
}
