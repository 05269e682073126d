// `kahi keys`: the reference of kahi.toml on the command line, from the same rows that read the file.

import { tableRows } from '../../config/keys/tables.ts'
import { nearest } from '../../config/values/nearest.ts'
import { referenceMarkdown, referenceText } from '../../config/toml/sample.ts'
import { type Arguments, type Command, textOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { print, printProblem } from '../print.ts'

/** Explains the keys of kahi.toml. */
export const keysCommand: Command = {
  name: 'keys',
  usage: '[--format text|markdown] [TABLE]',
  summary: 'Explain the keys of kahi.toml',
  options: { format: { type: 'string', choices: ['text', 'markdown'], default: 'text', summary: 'Output format' } },
  positionals: [
    {
      name: 'table',
      summary: `One of ${tableRows.map(({ kind }) => kind).join(', ')}; all when left out`,
      required: false,
    },
  ],
  examples: [
    ['kahi keys', 'all of them'],
    ['kahi keys programs', 'those of a program'],
  ],
  run: runKeys,
}

async function runKeys(args: Arguments): Promise<number> {
  const wanted = textOf(args, 'table')
  const rows = tableRows.filter(({ kind }) => wanted === undefined || kind === wanted)
  if (rows.length === 0) {
    const kinds = tableRows.map(({ kind }) => kind)
    const close = nearest(wanted ?? '', kinds)
    printProblem(
      `There is no table "${wanted}"`,
      close === undefined ? `tables are ${kinds.join(', ')}` : `did you mean "${close}"?`,
    )
    return EXIT.usage
  }
  const text = textOf(args, 'format') === 'markdown' ? referenceMarkdown(rows) : referenceText(rows, columns())
  print(text.trimEnd())
  return EXIT.ok
}

/** The width of the terminal, up to 100 columns; 80 when there is no terminal. */
const columns = (): number => Math.min(100, process.stdout.columns ?? 80)
