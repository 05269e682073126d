// `kahi export`: the way back. A kahi.toml as the configuration of the tool that it came from, with everything said that this
// cannot say.

import { ConfigError } from '../../config/diagnostic.ts'
import { readDocument } from '../../config/read.ts'
import { readText } from '../../config/read-text.ts'
import { exportSupervisord } from '../../converter/supervisord/export/export.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { type Arguments, type Command, flagOf, textOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { permissionsOf } from '../migrate/convert-one.ts'
import { count } from '../migrate/summary.ts'
import { printDiagnostics, printError, printProblem } from '../print.ts'
import { WriteError, writeWhole } from '../write-file.ts'

const supervisordCommand: Command = {
  name: 'supervisord',
  usage: '[-o FILE] [--force] [--strict] FILE',
  summary: 'Write a kahi.toml as a supervisord.conf, and say what that cannot say',
  options: {
    output: { type: 'string', alias: 'o', summary: 'Write the text there instead of to standard output' },
    force: { type: 'boolean', summary: 'Replace the output file if it exists' },
    strict: { type: 'boolean', summary: 'Write nothing and exit 1 when anything cannot be said' },
  },
  positionals: [{ name: 'file', summary: 'The kahi.toml', required: true }],
  examples: [
    ['kahi export supervisord kahi.toml', 'the text on standard output, warnings on standard error'],
    ['kahi export supervisord --strict -o supervisord.conf kahi.toml', 'only when nothing is lost'],
  ],
  run: runExport,
}

/** Writes old formats again. */
export const exportCommand: Command = {
  name: 'export',
  usage: 'supervisord FILE',
  summary: 'Write a kahi.toml in the format of another supervisor',
  options: {},
  positionals: [],
  examples: [],
  commands: [supervisordCommand],
  run: runExport,
}

async function runExport(args: Arguments): Promise<number> {
  const file = textOf(args, 'file') ?? ''
  const output = textOf(args, 'output')
  try {
    const machine = thisMachine()
    const document = readDocument(readText(file), file, machine)
    const { text, diagnostics, notes } = exportSupervisord(document, machine, { target: output ?? file })
    printDiagnostics([...diagnostics, ...notes])
    if (flagOf(args, 'strict') && diagnostics.length > 0) {
      printError(`nothing was written: ${count(diagnostics.length, 'warning')}`)
      return EXIT.no
    }
    if (output === undefined) process.stdout.write(text)
    else {
      writeWhole(output, text, { force: flagOf(args, 'force'), mode: permissionsOf([file]) })
      printError(`wrote ${output}: ${count(diagnostics.length, 'warning')}`)
    }
    return EXIT.ok
  } catch (error) {
    if (error instanceof WriteError) printProblem(error.message, error.hint)
    else if (error instanceof ConfigError) printDiagnostics(error.diagnostics)
    else throw error
    return EXIT.usage
  }
}
