// Files that are not yet what they will be: Jinja, ERB, Go templates and the like. Reading one gives nonsense; this says instead
// that it must be rendered first. `{{ }}` inside a command is left alone, many commands take such words, and so is `${X}`, which
// a shell expands: those count only where reading failed.

import { readFileSync } from 'node:fs'
import { resolve as resolvePath } from 'node:path'
import type { Diagnostic, Place } from '../config/diagnostic.ts'
import type { Table } from '../config/document.ts'

const MARKS = /\{\{.*?(?:\}\}|$)|\{%.*?(?:%\}|$)|<%.*?(?:%>|$)/
/** A line of the template's own, or a section that is named by it. */
const LEADING_MARK = /^\s*(?:\{\{.*|\{%.*|<%.*)|^\[[^\]]*(?:\{\{|\{%|<%).*/
/** Marks that ordinary files may hold too. */
const WEAK_MARKS = /\$\{\w+\}|\$[A-Z_]{2,}\b|@[A-Z][A-Z0-9_]*@|__[A-Z][A-Z0-9_]*__|<[A-Z][A-Z0-9_]*>/
/** Keys whose values are names or places, in which braces make no sense. */
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
 * The one thing to say of a template instead of the errors; undefined when they are about something else. A variable that is
 * not set is something else: it is said by its name.
 */
export function explainErrors(found: readonly Diagnostic[], text: string | undefined): Diagnostic | undefined {
  const errors = found.filter(({ severity, message }) => severity === 'error' && !message.includes('is not set'))
  const places = errors.flatMap(({ place }) => (place === undefined ? [] : [place]))
  for (const file of new Set(places.map((place) => place.file))) {
    const lines = (text ?? readLeniently(file)).split('\n')
    const broken = new Set(places.filter((place) => place.file === file).map(({ line }) => line - 1))
    for (const [index, line] of lines.entries()) {
      const patterns = broken.has(index) ? [MARKS, WEAK_MARKS] : [LEADING_MARK]
      const mark = patterns.map((pattern) => pattern.exec(line)?.[0]).find((one) => one !== undefined)
      if (mark !== undefined) return describe({ file, line: index + 1, column: 1 }, mark.trim())
    }
  }
  return undefined
}

/** A template that could be read all the same, known by marks in names and places. */
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
  const message = `This is a template: ${JSON.stringify(mark)} stands for something else`
  return { severity: 'error', message, place, hint: 'render it first, then convert the result' }
}

function readLeniently(file: string): string {
  try {
    return readFileSync(resolvePath(file), 'latin1')
  } catch {
    return ''
  }
}
