// Variables that stay variables. `%(ENV_X)s`, `${X}` and `${X:-default}` in texts of a process become marks, which
// survive expansion and splitting; each target writes them in its own syntax. In other keys, and for variables that the
// configuration sets itself, the value at the time of the export is used.

import { type Document, type Entry, findEntry, type Table } from '../../../config/keys/document.ts'
import { isList, type Value } from '../../../config/model/value.ts'

/** A variable in a text, with the value that it has when it is unset or empty. */
export interface Variable {
  readonly variable: string
  readonly fallback: string | undefined
}

/** A literal part of a text, or a variable. */
export type Piece = string | Variable

/** Keys whose texts may contain variables when the process starts. */
const KEYS = new Set([
  'command',
  'up',
  'down',
  'finish',
  'stop_command',
  'directory',
  'environment',
  'user',
  'stdout_logfile',
  'stderr_logfile',
])
const EXPANSION = /%%|%\(ENV_(\w+)\)s|%\([^)]*\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]|\$\$|\$\{(\w+)(?::-([^}]*))?\}/g
const MARK = /\uE000(\w+)(?::([^\uE001]*))?\uE001/

/** The document with marks in place of variables. */
export function markVariables(document: Document): Document {
  const daemon = document.tables.find(({ kind }) => kind === 'supervisor')
  const common = namesOf(daemon)
  const mark = (table: Table): Table => {
    const own = new Set([...common, ...namesOf(table)])
    const entries = table.entries.map((entry): Entry =>
      KEYS.has(entry.key) && ['programs', 'oneshots', 'fcgi_programs', 'supervisor'].includes(table.kind)
        ? { ...entry, value: markValue(entry.value, table === daemon ? new Set() : own) }
        : entry,
    )
    return { ...table, entries }
  }
  return { ...document, tables: document.tables.map(mark) }
}

function namesOf(table: Table | undefined): ReadonlySet<string> {
  const value = table === undefined ? undefined : findEntry(table, 'environment')?.value
  if (typeof value === 'string') return new Set([...value.matchAll(/(\w+)\s*=/g)].map(([, name]) => name ?? ''))
  return new Set(typeof value === 'object' ? Object.keys(value) : [])
}

function markValue(value: Value, known: ReadonlySet<string>): Value {
  if (typeof value === 'string') return markText(value, known)
  if (isList(value)) return value.map((one) => markValue(one, known))
  if (typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, markValue(one, known)]))
}

/** A fallback is encoded, so that its blanks and quotes do not split a command. */
function markText(text: string, known: ReadonlySet<string>): string {
  return text.replaceAll(EXPANSION, (all: string, percent?: string, dollar?: string, fallback?: string) => {
    const name = percent ?? dollar
    if (name === undefined || known.has(name)) return all
    return `\uE000${name}${fallback === undefined ? '' : `:${encodeURIComponent(fallback).replaceAll("'", '%27').replaceAll('%', '%%')}`}\uE001`
  })
}

/** The literal parts and variables of a text; empty parts are left out. */
export function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = []
  let rest = text
  for (let match = MARK.exec(rest); match !== null; match = MARK.exec(rest)) {
    const [all, variable = '', fallback] = match
    if (match.index > 0) pieces.push(rest.slice(0, match.index))
    pieces.push({ variable, fallback: fallback === undefined ? undefined : decodeURIComponent(fallback) })
    rest = rest.slice(match.index + all.length)
  }
  return rest === '' ? pieces : [...pieces, rest]
}

/** Whether a text contains a variable. */
export function hasVariables(text: string): boolean {
  return MARK.test(text)
}

/** The variables of several texts, each once. */
export function variablesIn(texts: readonly string[]): readonly Variable[] {
  const found = texts.flatMap((text) => piecesOf(text)).filter((piece) => typeof piece !== 'string')
  return [...new Map(found.map((piece) => [piece.variable, piece])).values()]
}

/** The text with each variable written by `show`, and each literal part by `escape`. */
export function writeText(
  text: string,
  show: (variable: Variable) => string,
  escape: (literal: string) => string = (literal) => literal,
): string {
  return piecesOf(text)
    .map((piece) => (typeof piece === 'string' ? escape(piece) : show(piece)))
    .join('')
}

/** `${X}` and `${X:-default}`, for messages and comments. */
export function showText(text: string): string {
  return writeText(text, ({ variable, fallback }) =>
    fallback === undefined ? `\${${variable}}` : `\${${variable}:-${fallback}}`,
  )
}

/** The document as it was before variables were marked. */
export function unmarkDocument(document: Document): Document {
  const unmark = (value: Value): Value => {
    if (typeof value === 'string') return value.replaceAll(new RegExp(MARK, 'g'), unmarkText)
    if (isList(value)) return value.map(unmark)
    if (typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, unmark(one)]))
  }
  const tables = document.tables.map((table) => ({
    ...table,
    entries: table.entries.map((entry): Entry => ({ ...entry, value: unmark(entry.value) })),
  }))
  return { ...document, tables }
}

function unmarkText(_: string, variable: string, fallback?: string): string {
  const usual = fallback === undefined ? '' : `:-${decodeURIComponent(fallback.replaceAll('%%', '%'))}`
  return `\${${variable}${usual}}`
}
