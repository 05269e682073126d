// Recognizes templates that were not rendered yet: Jinja, ERB, Go templates and similar ones. Instead of the errors of
// reading one, one error says that it must be rendered first. `{{ }}` inside a command is accepted, because many
// commands contain it, and so is `${X}`, which a shell expands: those count only when reading failed.

import { resolve as resolvePath } from 'node:path'
import type { Diagnostic, Place } from '../config/model/diagnostic.ts'
import type { Table } from '../config/keys/document.ts'
import { readBytes } from '../config/values/read-text.ts'

const MARKS = /\{\{.*?(?:\}\}|$)|\{%.*?(?:%\}|$)|<%.*?(?:%>|$)/
/** A line of template syntax, or a section whose name contains it. */
const LEADING_MARK = /^\s*(?:\{\{.*|\{%.*|\{#.*|<%.*)|^\[[^\]]*(?:\{\{|\{%|<%).*/
/** Marks that ordinary files may contain too. */
const WEAK_MARKS = /\$\{\w+\}|\$[A-Z_]{2,}\b|@[A-Z][A-Z0-9_]*@|__[A-Z][A-Z0-9_]*__|<[A-Z][A-Z0-9_]*>/
/** Keys whose values are names or paths, in which braces make no sense. */
const PLAIN_KEYS = [
  'user',
  'directory',
  'process_name',
  'stdout_logfile',
  'stderr_logfile',
  'file',
  'listen',
  'chown',
  'logfile',
  'pidfile',
]

/**
 * The error that replaces those of a template; undefined when the errors have another cause. An unset variable is
 * another cause: it is reported by name.
 */
export function explainErrors(found: readonly Diagnostic[], text: string | undefined): Diagnostic | undefined {
  const errors = found.filter(({ severity, message }) => severity === 'error' && !message.includes('is not set'))
  const places = errors.flatMap(({ place }) => (place === undefined ? [] : [place]))
  for (const file of new Set(places.map((place) => place.file))) {
    const lines = (text ?? readLeniently(file)).split('\n')
    const broken = new Set(places.filter((place) => place.file === file).map(({ line }) => line - 1))
    for (const [index, line] of lines.entries()) {
      const patterns = broken.has(index) ? [MARKS, WEAK_MARKS, LEADING_MARK] : [LEADING_MARK]
      const mark = patterns.map((pattern) => pattern.exec(line)?.[0]).find((one) => one !== undefined)
      if (mark !== undefined) return describe({ file, line: index + 1, column: 1 }, mark.trim())
    }
  }
  return undefined
}

/** A template that was read without errors, recognised by marks in names and paths. */
export function findTemplate(tables: readonly Table[]): Diagnostic | undefined {
  const markOf = (text: string): string | undefined => MARKS.exec(text)?.[0]
  for (const table of tables) {
    const name = markOf(table.name)
    if (name !== undefined) return describe(table.place, name)
    for (const { key, value, place } of table.entries) {
      const mark = markOf(key) ?? (PLAIN_KEYS.includes(key) ? markOf(String(value)) : undefined)
      if (mark !== undefined) return describe(place, mark)
    }
  }
  return undefined
}

function describe(place: Place, mark: string): Diagnostic {
  const message = `This is a template: ${JSON.stringify(mark)} is a placeholder`
  return { severity: 'error', message, place, hint: 'render it first, then convert the result' }
}

function readLeniently(file: string): string {
  try {
    return readBytes(resolvePath(file)).toString('latin1')
  } catch {
    return ''
  }
}
