// All commands with their arguments, options and exit codes, for docs/reference/cli.md.

import type { Command, OptionSpec } from '../../cli/command.ts'
import { commands } from '../../cli/commands/list.ts'
import { ctlOptions } from '../../cli/ctl/options.ts'
import { EXIT_TABLES } from '../../cli/exit-codes.ts'

/** The page. */
export function cliMarkdown(): string {
  return [
    '# Commands',
    '',
    'Made by `npm run docs` from the commands themselves. `kahi COMMAND --help` shows the same at the prompt.',
    '',
    ...commands.flatMap((command) => section(command, 'kahi', 2)),
    '## Exit codes',
    '',
    ...EXIT_TABLES.flatMap(([title, codes]) => [
      `### ${title}`,
      '',
      '| code | meaning |',
      '|---|---|',
      ...codes.map(([code, meaning]) => `| ${code} | ${meaning} |`),
      '',
    ]),
  ].join('\n')
}

function section(command: Command, path: string, level: number): readonly string[] {
  const own = `${path} ${command.name}`
  const shared = path === 'kahi' ? [] : Object.keys(ctlOptions)
  const options = Object.entries(command.options).filter(([name, spec]) => !isShared(shared, name, spec))
  return [
    `${'#'.repeat(level)} ${own}`,
    '',
    `${command.summary}.`,
    '',
    '```text',
    ...`${own} ${command.usage}`.trimEnd().split('\n'),
    '```',
    '',
    ...rows(
      'option',
      options.map(([name, spec]) => [typed(name, spec), meaningOf(spec)]),
    ),
    ...rows(
      'example',
      command.examples.map(([line, meaning]) => [`\`${cell(line)}\``, cell(meaning)]),
    ),
    ...(command.commands ?? []).flatMap((below) => section(below, own, level + 1)),
  ]
}

/** Options of all `kahi ctl` commands are only in the table of `kahi ctl`. */
function isShared(shared: readonly string[], name: string, spec: OptionSpec): boolean {
  return shared.includes(name) && spec === ctlOptions[name]
}

function rows(title: string, list: readonly (readonly [string, string])[]): readonly string[] {
  if (list.length === 0) return []
  return [`| ${title} | meaning |`, '|---|---|', ...list.map(([left, right]) => `| ${left} | ${right} |`), '']
}

function typed(name: string, { alias, type }: OptionSpec): string {
  const value = type === 'boolean' ? '' : ' …'
  return [...(alias === undefined ? [] : [`\`-${alias}\``]), `\`--${name}${value}\``].join(', ')
}

function meaningOf({ summary, choices, default: fallback }: OptionSpec): string {
  const words = choices === undefined ? '' : `; one of ${choices.map((word) => `\`${word}\``).join(', ')}`
  return cell(`${summary}${words}${fallback === undefined ? '' : `; default \`${String(fallback)}\``}`)
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
