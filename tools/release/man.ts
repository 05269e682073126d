// Manual pages, made from the rows of the command line and of kahi.toml: kahi.1, a page for each command, and kahi.toml.5.

import type { Command } from '../../cli/command.ts'
import { commands } from '../../cli/commands/list.ts'
import { tableRows, tableTitle } from '../../config/keys/tables.ts'
import type { Entry, Tree } from './tree.ts'

/** The pages below usr/share/man, uncompressed: `man1/kahi.1`. */
export function manualPages(version: string): Tree {
  const pages: [string, Entry][] = [
    ['man1/kahi.1', { content: overview(version), mode: 0o644 }],
    ['man5/kahi.toml.5', { content: configurationPage(version), mode: 0o644 }],
  ]
  for (const command of commands) addPages(pages, command, `kahi ${command.name}`, version)
  return new Map(pages)
}

function addPages(pages: [string, Entry][], command: Command, path: string, version: string): void {
  pages.push([`man1/${path.replaceAll(' ', '-')}.1`, { content: pageOf(command, path, version), mode: 0o644 }])
  for (const inner of command.commands ?? []) addPages(pages, inner, `${path} ${inner.name}`, version)
}

function overview(version: string): string {
  const rows = commands.map(
    ({ name, summary }) => `.TP\n.B kahi ${escape(name)}\n${escape(summary)}. See kahi\\-${escape(name)}(1).`,
  )
  return `${head('kahi', version, 'process supervisor for containers and servers')}.SH SYNOPSIS\n.B kahi\nCOMMAND\n.SH COMMANDS\n${rows.join('\n')}\n`
}

/** Every table with its keys: what `kahi keys` explains. */
function configurationPage(version: string): string {
  const tables = tableRows.map((row) => {
    const keys = Object.entries(row.explained).map(([name, { doc, type }]) => [`${name} (${type.name})`, doc] as const)
    return `.SH ${escape(tableTitle(row))}\n${escape(row.doc)}\n${terms(keys)}`
  })
  const text =
    'TOML. Texts may contain expansions such as %(ENV_HOME)s or ${HOME}; seconds are a number or a duration such as "10s".'
  const title = head('kahi.toml', version, 'configuration of kahi', 5)
  return `${title}.SH DESCRIPTION\n${escape(text)}\n${tables.join('')}.SH SEE ALSO\nkahi(1), kahi\\-check(1), kahi\\-schema(1)\n`
}

function pageOf(command: Command, path: string, version: string): string {
  const { usage, summary, options, positionals, examples, commands: below = [] } = command
  const parts = [
    head(path.replaceAll(' ', '-'), version, summary),
    `.SH SYNOPSIS\n.B ${escape(path)}\n${escape(usage)}\n`,
    section(
      'ARGUMENTS',
      positionals.map((one) => [one.name.toUpperCase(), one.summary]),
    ),
    section(
      'OPTIONS',
      Object.entries(options).map(([name, spec]) => [optionName(name, spec), describe(spec)]),
    ),
    section(
      'COMMANDS',
      below.map(({ name, summary: text }) => [name, `${text}. See ${path.replaceAll(' ', '-')}-${name}(1).`]),
    ),
    section('EXAMPLES', examples),
    '.SH SEE ALSO\nkahi(1)\n',
  ]
  return parts.join('')
}

function head(name: string, version: string, summary: string, chapter = 1): string {
  return `.TH "${escape(name.toUpperCase())}" ${chapter} "" "kahi ${escape(version)}" "kahi"\n.SH NAME\n${escape(name)} \\- ${escape(summary)}\n`
}

function section(title: string, rows: readonly (readonly [string, string])[]): string {
  if (rows.length === 0) return ''
  return `.SH ${title}\n${terms(rows)}`
}

function terms(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([term, text]) => `.TP\n.B ${escape(term)}\n${escape(text)}\n`).join('')
}

function optionName(name: string, { alias, type }: Command['options'][string]): string {
  const value = type === 'boolean' ? '' : ' VALUE'
  return `${alias === undefined ? '' : `-${alias}, `}--${name}${value}`
}

function describe({ summary, choices, default: fallback }: Command['options'][string]): string {
  const values = choices === undefined ? '' : ` One of: ${choices.join(', ')}.`
  return `${summary}.${values}${fallback === undefined ? '' : ` Default: ${String(fallback)}.`}`
}

/**
 * Escapes a text for roff: backslashes, dots and quotes at the start of a line, and characters outside ASCII have a special
 * meaning there or are not allowed.
 */
function escape(text: string): string {
  const plain = text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^(?=[.'])/gm, '\\&')
  return plain.replaceAll(
    /[^\n -~]/gu,
    (one) => `\\[u${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
  )
}
