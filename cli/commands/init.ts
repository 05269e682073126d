// `kahi init`: writes a sample kahi.toml that can be run unchanged and explains every key.

import { sampleConfig } from '../../config/toml/sample.ts'
import { type Arguments, type Command, flagOf, textOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { print, printProblem } from '../print.ts'
import { WriteError, writeWhole } from '../write-file.ts'

/** Writes a sample kahi.toml. */
export const initCommand: Command = {
  name: 'init',
  usage: '[-o FILE] [--stdout] [--force]',
  summary: 'Write a sample kahi.toml with every key explained',
  options: {
    output: { type: 'string', alias: 'o', default: 'kahi.toml', summary: 'Where to write it' },
    stdout: { type: 'boolean', summary: 'Print it instead' },
    force: { type: 'boolean', summary: 'Replace the file if it exists' },
  },
  positionals: [],
  examples: [
    ['kahi init', 'write ./kahi.toml'],
    ['kahi init --stdout | less', 'read it'],
  ],
  run: runInit,
}

async function runInit(args: Arguments): Promise<number> {
  const path = textOf(args, 'output') ?? 'kahi.toml'
  if (flagOf(args, 'stdout')) {
    process.stdout.write(sampleConfig())
    return EXIT.ok
  }
  try {
    writeWhole(path, sampleConfig(), { force: flagOf(args, 'force') })
  } catch (error) {
    if (!(error instanceof WriteError)) throw error
    printProblem(error.message, error.hint)
    return EXIT.usage
  }
  print(`wrote ${path}; run it with: kahi daemon -c ${path}`)
  return EXIT.ok
}
