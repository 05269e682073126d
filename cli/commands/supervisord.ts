// `kahi supervisord`: a row for the help. main.ts passes its arguments to cli/compat/supervisord.ts before any command
// of kahi is read.

import type { Command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'

/** Runs a supervisord.conf as supervisord does. */
export const supervisordCommand: Command = {
  name: 'supervisord',
  usage: '[OPTIONS OF SUPERVISORD]',
  summary: 'Run a supervisord.conf, with the options of supervisord',
  options: {},
  positionals: [],
  examples: [['kahi supervisord -n -c /etc/supervisord.conf', 'as supervisord would']],
  run: async () => EXIT.usage,
}
