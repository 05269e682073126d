// Manual pages, made from the rows of the command line: kahi.1, and a page for each command.

import type { Command } from '../../cli/command.ts'
import { commands } from '../../cli/commands/list.ts'
import type { Entry, Tree } from './tree.ts'

/** The pages below usr/share/man/man1, uncompressed. */
export function manualPages(version: string): Tree {
  const pages: [string, Entry][] = [['kahi.1', { content: overview(version), mode: 0o644 }]]
  for (const command of commands) addPages(pages, command, `kahi ${command.name}`, version)
  return new Map(pages)
}

function addPages(pages: [string, Entry][], command: Command, path: string, version: string): void {
  pages.push([`${path.replaceAll(' ', '-')}.1`, { content: pageOf(command, path, version), mode: 0o644 }])
  for (const inner of command.commands ?? []) addPages(pages, inner, `${path} ${inner.name}`, version)
}

function overview(version: string): string {
  const rows = commands.map(
    ({ name, summary }) => `.TP\n.B kahi ${escape(name)}\n${escape(summary)}. See kahi\\-${escape(name)}(1).`,
  )
  return `${head('kahi', version, 'process supervisor for containers and servers')}.SH SYNOPSIS\n.B kahi\nCOMMAND\n.SH COMMANDS\n${rows.join('\n')}\n`
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

function head(name: string, version: string, summary: string): string {
  return `.TH "${escape(name.toUpperCase())}" 1 "" "kahi ${escape(version)}" "kahi"\n.SH NAME\n${escape(name)} \\- ${escape(summary)}\n`
}

function section(title: string, rows: readonly (readonly [string, string])[]): string {
  if (rows.length === 0) return ''
  return `.SH ${title}\n${rows.map(([term, text]) => `.TP\n.B ${escape(term)}\n${escape(text)}\n`).join('')}`
}

function optionName(name: string, { alias, type }: Command['options'][string]): string {
  const value = type === 'boolean' ? '' : ' VALUE'
  return `${alias === undefined ? '' : `-${alias}, `}--${name}${value}`
}

function describe({ summary, choices, default: fallback }: Command['options'][string]): string {
  const values = choices === undefined ? '' : ` One of: ${choices.join(', ')}.`
  return `${summary}.${values}${fallback === undefined ? '' : ` Default: ${String(fallback)}.`}`
}

/** roff reads a backslash, a dot or quote at the start of a line, and no characters outside ASCII. */
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
