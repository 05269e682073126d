// The sample kahi.toml and the reference of its keys, made from the key tables so that they cannot differ from them.

import type { TableKind, Value } from './document.ts'
import type { Key } from './key.ts'
import { type TableRow, tableRows } from './keys/tables.ts'
import { writeValue } from './write.ts'

const INTRODUCTION = [
  'kahi.toml: what to run and how to keep it running.',
  'Lines that begin with "#name =" show a key with its default. Texts may hold ${NAME}, ${NAME:-default},',
  '%(here)s, %(program_name)s, %(process_num)02d and %(ENV_NAME)s; write $${ and %% for literal ones.',
]

/** What the tables with a name are called in the sample. */
const NAMES: Readonly<Partial<Record<TableKind, string>>> = {
  programs: 'clock',
  oneshots: 'prepare',
  bundles: 'user',
  groups: 'clocks',
  event_listeners: 'mail',
  fcgi_programs: 'php',
}

/** Values that say more than the default. */
const EXAMPLES: Readonly<Record<string, Value>> = {
  'event_listeners events': ['PROCESS_STATE_EXITED'],
  'fcgi_programs socket': 'unix:///run/php.sock',
}

const ACTIVE: Readonly<Record<string, Value>> = {
  'programs command': `/bin/sh -c 'while :; do date; sleep 10; done'`,
}

/** A file that runs as it is, with every key of every table explained. */
export function sampleConfig(): string {
  const tables = tableRows.map((row) => sampleTable(row).join('\n'))
  return `${INTRODUCTION.map((line) => `# ${line}`).join('\n')}\n\n${tables.join('\n\n')}\n`
}

/** The keys of some tables as Markdown. */
export function referenceMarkdown(rows: readonly TableRow[]): string {
  return rows
    .map(({ title, doc, keys }) => {
      const lines = Object.entries(keys).map(
        ([name, row]) => `| \`${name}\` | ${row.type.name} | ${showDefault(row)} | ${row.doc} |`,
      )
      return [`## ${title}`, '', doc, '', '| key | type | default | meaning |', '|---|---|---|---|', ...lines, ''].join(
        '\n',
      )
    })
    .join('\n')
}

/** The keys of some tables for a terminal of 80 columns and more. */
export function referenceText(rows: readonly TableRow[]): string {
  return rows
    .map(({ title, doc, keys }) => {
      const lines = Object.entries(keys).flatMap(([name, row]) => [
        `  ${name} (${row.type.name}; ${row.required ? 'required' : `default ${plainDefault(row)}`})`,
        `      ${row.doc}`,
      ])
      return [title, `  ${doc}`, '', ...lines, ''].join('\n')
    })
    .join('\n')
}

function sampleTable({ kind, title, doc, keys }: TableRow): string[] {
  const isActive = kind === 'programs'
  const header = title.replace('NAME', NAMES[kind] ?? '')
  const lines = [`# ${doc}`, isActive || kind === 'supervisor' ? header : `#${header}`]
  if (kind === 'event_listeners' || kind === 'fcgi_programs') lines.push('#command = "/bin/true"')
  for (const [name, row] of Object.entries(keys)) {
    const example = EXAMPLES[`${kind} ${name}`]
    const active = ACTIVE[`${kind} ${name}`]
    lines.push(`# ${row.doc}`)
    lines.push(
      active === undefined
        ? `#${name} = ${example === undefined ? sampleValue(row) : writeValue(example)}`
        : `${name} = ${writeValue(active)}`,
    )
  }
  return lines
}

function sampleValue(row: Key<unknown>): string {
  const value = defaultOf(row)
  return value === undefined || value === '' ? '""' : writeValue(value)
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
