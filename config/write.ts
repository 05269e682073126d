// Writes a Document as TOML that people keep: tables and keys in the order they have, comments beside
// them, text quoted in the way that needs the fewest escapes. readDocument gives the same Document back.

import type { Document, Entry, Table, Value } from './document.ts'

const WIDEST_INLINE_TABLE = 100

/** The TOML text, ending in a newline. */
export function writeDocument(document: Document): string {
  const repeated = new Set(
    document.tables.filter((table, index, all) =>
      all.some((other, place) => place !== index && sameTable(table, other)),
    ),
  )
  const blocks = document.tables.map((table) => writeTable(table, repeated.has(table)))
  const header = writeComments(document.header)
  const footer = writeComments(document.footer)
  return `${[header, ...blocks, footer]
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`
}

/** A text as TOML, literal where that reads better. */
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

function sameTable(a: Table, b: Table): boolean {
  return a.kind === b.kind && a.name === b.name
}

function writeTable(table: Table, isRepeated: boolean): string[] {
  const name = table.name === '' ? table.kind : `${table.kind}.${quoteKey(table.name)}`
  const long = table.entries.filter((entry) => isTree(entry.value) && writeEntry(entry).length > WIDEST_INLINE_TABLE)
  const lines = [...writeComments(table.comments), isRepeated ? `[[${name}]]` : `[${name}]`]
  for (const entry of table.entries) {
    if (!long.includes(entry)) lines.push(...writeComments(entry.comments), writeEntry(entry) + writeRemark(entry))
  }
  for (const entry of long) {
    lines.push('', ...writeComments(entry.comments), `[${name}.${quoteKey(entry.key)}]${writeRemark(entry)}`)
    for (const [key, value] of Object.entries(entry.value)) lines.push(`${quoteKey(key)} = ${writeValue(value)}`)
  }
  return lines
}

function writeEntry(entry: Entry): string {
  return `${quoteKey(entry.key)} = ${writeValue(entry.value)}`
}

function writeRemark(entry: Entry): string {
  return entry.remark === undefined ? '' : `  ${commentLine(entry.remark)}`
}

function writeComments(comments: readonly string[] | undefined): string[] {
  return (comments ?? []).map((comment) => (comment === '' ? '#' : commentLine(comment)))
}

function commentLine(comment: string): string {
  return `# ${comment.replaceAll(/[\x00-\x08\x0a-\x1f\x7f]/g, '?')}`
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
