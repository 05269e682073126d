// The pages of docs/export: for each target, how it expresses each key, and what is lost.

import { tableRow } from '../../config/keys/tables.ts'
import type { Saying, Says, Target, TargetRow } from '../../converter/export/plan/target.ts'
import { targets } from '../../converter/export/targets.ts'

const WORDS: Readonly<Record<Saying['verdict'], string>> = {
  kept: 'the same',
  changed: 'in another form',
  lost: '**lost**',
  daemon: 'not needed',
}

/** All pages, by their paths. */
export async function exportPages(): Promise<Readonly<Record<string, string>>> {
  const pages = await Promise.all(
    targets.map(async (row) => [`docs/export/${row.name}.md`, pageOf(row, await row.load())] as const),
  )
  return Object.fromEntries(pages)
}

function pageOf(row: TargetRow, { title, says, readBack }: Target): string {
  const read =
    readBack === undefined
      ? 'kahi has no reader of this format, so the result is not read back.'
      : 'Before the files get to their places, a second reader reads them back; a difference that is not reported here refuses the export.'
  return [
    `# kahi export ${row.name}`,
    '',
    `Made by \`npm run docs\` from the table in \`converter/export/\`: what ${title} can say of a configuration, and what is lost.`,
    '',
    `${row.summary}. What is lost is a warning with its place; \`--strict\` refuses it. ${read}`,
    '',
    '```text',
    ...row.examples.map(([command, meaning]) => `${command}   # ${meaning}`),
    '```',
    '',
    ...optionLines(row),
    ...table('[programs.NAME]', says.program, 'programs'),
    ...table('[oneshots.NAME]', says.oneshot, 'oneshots'),
    'Keys that a program has too are written as they are there.',
    '',
    ...table('Other tables', says.tables, undefined),
    ...table('[supervisor]', says.supervisor, 'supervisor'),
  ].join('\n')
}

function optionLines({ options }: TargetRow): readonly string[] {
  const rows = Object.entries(options).map(([name, { summary }]) => `| \`--${name}\` | ${summary} |`)
  return rows.length === 0 ? [] : ['| option | |', '|---|---|', ...rows, '']
}

/** The rows in the order of the keys. */
function table(
  title: string,
  rows: Says[keyof Says],
  kind: 'programs' | 'oneshots' | 'supervisor' | undefined,
): readonly string[] {
  const sayings: Readonly<Record<string, Saying>> = rows
  const order = kind === undefined ? Object.keys(sayings) : Object.keys(tableRow(kind).keys)
  const lines = order.flatMap((key) => {
    const saying = sayings[key]
    return saying === undefined ? [] : [`| \`${key}\` | ${WORDS[saying.verdict]} | ${saying.how} |`]
  })
  return [`## ${title}`, '', `| ${kind === undefined ? 'table' : 'key'} | there | how |`, '|---|---|---|', ...lines, '']
}
