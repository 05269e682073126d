// `kahi init`: writes a kahi.toml to begin with: a short one, one that explains every key, or one made from a Compose file,
// a Procfile or commands.

import { sampleConfig, smallConfig } from '../../config/toml/sample.ts'
import { ConfigError } from '../../config/model/diagnostic.ts'
import { type Arguments, type Command, flagOf, listOf, textOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { type Initial, initialFrom } from '../init-from.ts'
import { print, printDiagnostics, printProblem } from '../print.ts'
import { schemaOption, writeConfig } from '../schema-file.ts'
import { WriteError } from '../write-file.ts'

/** Writes a kahi.toml to begin with. */
export const initCommand: Command = {
  name: 'init',
  usage: '[--full | --from FILE | --from COMMAND...] [-o FILE] [--schema] [--stdout] [--force]',
  summary: 'Write a short kahi.toml to begin with',
  options: {
    full: { type: 'boolean', summary: 'Explain every key, with an example of each' },
    from: { type: 'string', many: true, summary: 'Make it from a Compose file, a Procfile, or commands' },
    output: { type: 'string', alias: 'o', default: 'kahi.toml', summary: 'Where to write it' },
    stdout: { type: 'boolean', summary: 'Print it instead' },
    force: { type: 'boolean', summary: 'Replace the file if it exists' },
    schema: schemaOption,
  },
  positionals: [],
  examples: [
    ['kahi init', 'write ./kahi.toml with two programs'],
    ['kahi init --full --stdout | less', 'read about every key'],
    ['kahi init --from compose.yaml', 'a program for each service; so too with a Procfile'],
    ['kahi init --from "node server.js" redis-server', 'a program for each command'],
  ],
  run: runInit,
}

async function runInit(args: Arguments): Promise<number> {
  const path = textOf(args, 'output') ?? 'kahi.toml'
  const from = listOf(args, 'from')
  if (from.length > 0 && flagOf(args, 'full')) {
    printProblem('--full and --from exclude each other')
    return EXIT.usage
  }
  try {
    const { text, diagnostics } = from.length > 0 ? await initialFrom(from) : sample(flagOf(args, 'full'))
    printDiagnostics(diagnostics)
    if (flagOf(args, 'stdout')) process.stdout.write(text)
    else await writeConfig(path, text, { force: flagOf(args, 'force'), hasSchema: flagOf(args, 'schema') })
  } catch (error) {
    if (error instanceof ConfigError) printDiagnostics(error.diagnostics)
    else if (error instanceof WriteError) printProblem(error.message, error.hint)
    else throw error
    return EXIT.usage
  }
  if (!flagOf(args, 'stdout')) print(`wrote ${path}; run it with: kahi daemon -c ${path}`)
  return EXIT.ok
}

function sample(isFull: boolean): Initial {
  return { text: isFull ? sampleConfig() : smallConfig(), diagnostics: [] }
}
