// `kahi export`: writes a kahi.toml as a configuration of the tool that it came from, and reports everything that this
// format cannot express.

import { ConfigError } from '../../config/model/diagnostic.ts'
import { identify } from '../../converter/identify.ts'
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
  summary: 'Write a kahi.toml as a supervisord.conf, and report what this format cannot express',
  options: {
    output: { type: 'string', alias: 'o', summary: 'Write the text there instead of to standard output' },
    force: { type: 'boolean', summary: 'Replace the output file if it exists' },
    strict: { type: 'boolean', summary: 'Write nothing and exit 1 when anything cannot be expressed' },
  },
  positionals: [{ name: 'file', summary: 'A kahi.toml, or anything that kahi migrate reads', required: true }],
  examples: [
    ['kahi export supervisord kahi.toml', 'the text on standard output, warnings on standard error'],
    ['kahi export supervisord --strict -o supervisord.conf kahi.toml', 'only when nothing is lost'],
  ],
  run: runExport,
}

/** Writes a kahi.toml in an old format. */
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
  } catch (error) {
    if (error instanceof WriteError) printProblem(error.message, error.hint)
    else if (error instanceof ConfigError) printDiagnostics(error.diagnostics)
    else throw error
    return EXIT.usage
  }
}
