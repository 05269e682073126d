// The sample kahi.toml and the reference of its keys. Both are made from the key tables, so they cannot differ from
// them.

import type { Value } from '../model/value.ts'
import type { Key } from '../keys/key.ts'
import { type TableRow, tableRows, tableTitle } from '../keys/tables.ts'
import { exampleFor } from './examples.ts'
import { writeValue } from './write.ts'

const INTRODUCTION = [
  'kahi.toml: what to run and how to keep it running.',
  'Lines that begin with "#name =" show a key with its default, or an example where there is none. Texts may contain ${NAME}, ${NAME:-default},',
  '%(here)s, %(program_name)s, %(process_num)02d and %(ENV_NAME)s; write $${ and %% for literal ones.',
]

const ACTIVE: Readonly<Record<string, Value>> = {
  'programs command': `/bin/sh -c 'while :; do date; sleep 10; done'`,
}

/** The program that the example of log_to names. */
const READER = [
  '# A program that reads what others write, where their log_to names it.',
  '[programs.reader]',
  'command = "cat"',
  'autostart = false',
]

const SMALL = `# What kahi runs. All keys: kahi keys, or kahi init --full. Check it: kahi check kahi.toml

[programs.clock]
command = ["/bin/sh", "-c", "while :; do date; sleep 10; done"]
ready = { log = ":" } # it is ready when it has printed a line with a colon

[programs.web]
command = ["/bin/sh", "-c", "echo listening on port $PORT; exec sleep infinity"]
environment = { PORT = 8000 }
depends_on = ["clock"] # it starts when clock is ready, and stops before it
autorestart = true
`

/** A short file that can be run unchanged: two programs, one of which depends on the other. */
export function smallConfig(): string {
  return SMALL
}

/** A file that can be run unchanged, and that explains every key of every table. */
export function sampleConfig(): string {
  const tables = tableRows.map((row) => sampleTable(row).join('\n'))
  return `${INTRODUCTION.map((line) => `# ${line}`).join('\n')}\n\n${tables.join('\n\n')}\n`
}

/** The keys of some tables as Markdown. */
export function referenceMarkdown(rows: readonly TableRow[]): string {
  return rows
    .map((table) => {
      const lines = Object.entries(table.explained).map(
        ([name, row]) => `| \`${name}\` | ${row.type.name} | ${showDefault(row)} | ${explain(row)} |`,
      )
      return [
        `## ${tableTitle(table)}`,
        '',
        table.doc,
        '',
        '| key | type | default | meaning |',
        '|---|---|---|---|',
        ...lines,
        '',
      ].join('\n')
    })
    .join('\n')
}

/** The keys of some tables for a terminal with at least 80 columns. */
export function referenceText(rows: readonly TableRow[], columns: number): string {
  return rows
    .map((table) => {
      const lines = Object.entries(table.explained).flatMap(([name, row]) => [
        ...wrap(
          `${name} (${row.type.name}; ${row.required ? 'required' : `default ${plainDefault(row)}`})`,
          2,
          columns,
        ),
        ...wrap(explain(row), 6, columns),
      ])
      return [tableTitle(table), ...wrap(table.doc, 2, columns), '', ...lines, ''].join('\n')
    })
    .join('\n')
}

/** Lines of at most so many columns, indented; a longer word has its own line. */
function wrap(text: string, indent: number, columns: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > columns) lines.push(`${' '.repeat(indent)}${word}`)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

function explain({ doc, live }: Key<unknown>): string {
  return live ? `${doc} Applied without a restart.` : doc
}

function sampleTable(table: TableRow): string[] {
  const { kind, doc, explained, sampleName } = table
  const isActive = kind === 'programs'
  const header = tableTitle(table, sampleName)
  const lines = [`# ${doc}`, isActive || kind === 'supervisor' ? header : `#${header}`]
  if (kind === 'event_listeners' || kind === 'fcgi_programs') lines.push('#command = "/bin/true"')
  for (const [name, row] of Object.entries(explained)) {
    const active = ACTIVE[`${kind} ${name}`]
    lines.push('', `# ${row.doc}`)
    lines.push(active === undefined ? `#${name} = ${sampleValue(kind, name, row)}` : `${name} = ${writeValue(active)}`)
  }
  if (isActive) lines.push('', ...READER)
  return lines
}

function sampleValue(kind: string, name: string, row: Key<unknown>): string {
  return writeValue(exampleFor(kind, name) ?? defaultOf(row) ?? '')
}

function plainDefault(row: Key<unknown>): string {
  const value = defaultOf(row)
  return value === undefined ? 'none' : writeValue(value)
}

function showDefault(row: Key<unknown>): string {
  if (row.required) return 'required'
  const value = defaultOf(row)
  return value === undefined ? 'none' : `\`${writeValue(value)}\``
}

function defaultOf(row: Key<unknown>): Value | undefined {
  if (row.fallback === undefined) return undefined
  return row.type.toToml?.(row.fallback) ?? (row.fallback as Value)
}
