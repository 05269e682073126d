// `kahi version`: prints the version of this program.

import type { Command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'
import { VERSION } from '../version.ts'

/** Prints the version of this program. */
export const versionCommand: Command = {
  name: 'version',
  usage: '',
  summary: 'Print the version of kahi',
  options: {},
  positionals: [],
  examples: [['kahi version', 'the version of this program; `kahi ctl version` asks the daemon']],
  async run() {
    print(VERSION)
    return EXIT.ok
  },
}
