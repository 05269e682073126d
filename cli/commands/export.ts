// `kahi export`: writes a configuration in the format of another supervisor or engine, and reports everything that this
// format cannot express.

import { join } from 'node:path'
import { ConfigError } from '../../config/model/diagnostic.ts'
import { oldFormats } from '../../converter/formats.ts'
import { targets } from '../../converter/export/targets.ts'
import type { TargetRow } from '../../converter/export/plan/target.ts'
import { isDirectory } from '../../converter/folders.ts'
import { identify } from '../../converter/identify.ts'
import { exportSupervisord } from '../../converter/supervisord/export/export.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { type Arguments, type Command, flagOf, type OptionSpec, textOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { runExport } from '../export/run-export.ts'
import { permissionsOf } from '../migrate/convert-one.ts'
import { count } from '../migrate/summary.ts'
import { printDiagnostics, printError, printProblem } from '../print.ts'
import { WriteError, writeWhole } from '../write-file.ts'

const FILE = { name: 'file', summary: 'A kahi.toml, or anything that kahi migrate reads', required: true }

const common: Readonly<Record<string, OptionSpec>> = {
  output: {
    type: 'string',
    alias: 'o',
    summary: 'Directory for the files; a single file goes to standard output without it',
  },
  force: { type: 'boolean', summary: 'Replace files that exist' },
  strict: { type: 'boolean', summary: 'Write nothing and exit 1 when anything cannot be expressed' },
  verify: {
    type: 'boolean',
    summary: 'Read the files back and refuse them if they do not say the same; done unless --no-verify',
  },
  modernize: { type: 'boolean', summary: 'Follow the advice of kahi migrate that is certain, before the export' },
  name: { type: 'string', summary: 'Name of the whole, for names of files and projects (app by default)' },
  format: {
    type: 'string',
    choices: oldFormats.map(({ name }) => name),
    summary: 'The format of FILE (detected by default)',
  },
  'env-file': {
    type: 'string',
    summary: 'File with lines NAME=value: values of variables that FILE names and that are not set here',
  },
  json: { type: 'boolean', summary: 'The report as JSON on standard output' },
}

const supervisordCommand: Command = {
  name: 'supervisord',
  usage: '[-o FILE|DIR] [--force] [--strict] FILE',
  summary: 'Write a supervisord.conf, and report what this format cannot express',
  options: {
    output: {
      type: 'string',
      alias: 'o',
      summary: 'Write the text there instead of to standard output; a directory gets a supervisord.conf',
    },
    force: { type: 'boolean', summary: 'Replace the output file if it exists' },
    strict: { type: 'boolean', summary: 'Write nothing and exit 1 when anything cannot be expressed' },
  },
  positionals: [FILE],
  examples: [
    ['kahi export supervisord kahi.toml', 'the text on standard output, warnings on standard error'],
    ['kahi export supervisord --strict -o supervisord.conf kahi.toml', 'only when nothing is lost'],
  ],
  run: (args) => reporting(() => runSupervisord(args)),
}

/** Writes a configuration in another format. */
export const exportCommand: Command = {
  name: 'export',
  usage: `${[...targets.map(({ name }) => name), 'supervisord'].join('|')} FILE -o DIR`,
  summary: 'Write a configuration in the format of another supervisor or engine',
  options: {},
  positionals: [],
  examples: [],
  commands: [...targets.map(commandOf), supervisordCommand],
  run: (args) => reporting(() => runSupervisord(args)),
}

function commandOf(row: TargetRow): Command {
  return {
    name: row.name,
    usage: 'FILE [-o DIR] [--force] [--strict]',
    summary: row.summary,
    options: { ...common, ...row.options },
    positionals: [FILE],
    examples: row.examples,
    run: (args) => reporting(() => runExport(row, args)),
  }
}

/** Prints what a command throws for users. */
async function reporting(run: () => Promise<number>): Promise<number> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof WriteError) printProblem(error.message, error.hint)
    else if (error instanceof ConfigError) printDiagnostics(error.diagnostics)
    else throw error
    return EXIT.usage
  }
}

async function runSupervisord(args: Arguments): Promise<number> {
  const file = textOf(args, 'file') ?? ''
  const output = fileIn(textOf(args, 'output'))
  const machine = thisMachine()
  const { document, files } = identify(file).convert(machine)
  const { text, diagnostics, notes } = exportSupervisord(document, machine, { target: output ?? file })
  printDiagnostics([...diagnostics, ...notes])
  if (flagOf(args, 'strict') && diagnostics.length > 0) {
    printError(`nothing was written: ${count(diagnostics.length, 'warning')}`)
    return EXIT.no
  }
  if (output === undefined) process.stdout.write(text)
  else {
    writeWhole(output, text, { force: flagOf(args, 'force'), mode: permissionsOf(files) })
    printError(`wrote ${output}: ${count(diagnostics.length, 'warning')}`)
  }
  return EXIT.ok
}

/** A directory gets a supervisord.conf. */
function fileIn(output: string | undefined): string | undefined {
  return output !== undefined && (output.endsWith('/') || isDirectory(output))
    ? join(output, 'supervisord.conf')
    : output
}
