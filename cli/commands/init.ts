// `kahi init`: writes a kahi.toml to begin with: a short one, one that explains every key, or one made from a Procfile.

import { basename } from 'node:path'
import { writeDocument } from '../../config/toml/write.ts'
import { sampleConfig, smallConfig } from '../../config/toml/sample.ts'
import { readText } from '../../config/values/read-text.ts'
import { ConfigError } from '../../config/model/diagnostic.ts'
import { readProcfile } from '../../converter/procfile.ts'
import { type Arguments, type Command, flagOf, textOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { print, printDiagnostics, printProblem } from '../print.ts'
import { WriteError, writeWhole } from '../write-file.ts'

/** Writes a kahi.toml to begin with. */
export const initCommand: Command = {
  name: 'init',
  usage: '[--full | --from PROCFILE] [-o FILE] [--stdout] [--force]',
  summary: 'Write a short kahi.toml to begin with',
  options: {
    full: { type: 'boolean', summary: 'Explain every key, with an example of each' },
    from: { type: 'string', summary: 'Make it from a Procfile' },
    output: { type: 'string', alias: 'o', default: 'kahi.toml', summary: 'Where to write it' },
    stdout: { type: 'boolean', summary: 'Print it instead' },
    force: { type: 'boolean', summary: 'Replace the file if it exists' },
  },
  positionals: [],
  examples: [
    ['kahi init', 'write ./kahi.toml with two programs'],
    ['kahi init --full --stdout | less', 'read about every key'],
    ['kahi init --from Procfile', 'a program for each line of a Procfile'],
  ],
  run: runInit,
}

async function runInit(args: Arguments): Promise<number> {
  const path = textOf(args, 'output') ?? 'kahi.toml'
  const from = textOf(args, 'from')
  if (from !== undefined && flagOf(args, 'full')) {
    printProblem('--full and --from exclude each other')
    return EXIT.usage
  }
  try {
    const text = from === undefined ? (flagOf(args, 'full') ? sampleConfig() : smallConfig()) : textFrom(from)
    if (flagOf(args, 'stdout')) process.stdout.write(text)
    else writeWhole(path, text, { force: flagOf(args, 'force') })
  } catch (error) {
    if (error instanceof ConfigError) printDiagnostics(error.diagnostics)
    else if (error instanceof WriteError) printProblem(error.message, error.hint)
    else throw error
    return EXIT.usage
  }
  if (!flagOf(args, 'stdout')) print(`wrote ${path}; run it with: kahi daemon -c ${path}`)
  return EXIT.ok
}

/** The configuration for a Procfile. Throws ConfigError. */
function textFrom(file: string): string {
  if (/\.ya?ml$|\.conf$|\.ini$/.test(basename(file))) {
    const message = `${file} is no Procfile`
    throw new ConfigError([{ severity: 'error', message, hint: 'a supervisord.conf or a tree of s6: kahi migrate' }])
  }
  return writeDocument(readProcfile(readText(file), file))
}
