// `kahi ctl start`.

import { type Command, flagOf, listOf } from '../command.ts'
import { CTL_EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'
import { type Change, changeAll } from './change.ts'
import { withDaemon } from './session.ts'

/** The verb `start`. */
export const startChange: Change = {
  verb: 'start',
  done: 'started',
  harmless: 'ALREADY_STARTED',
  noGroup: CTL_EXIT.invalidArguments,
}

/** Starts processes and waits until they are up. */
export const startCommand: Command = {
  name: 'start',
  usage: 'NAME... | GROUP:* | all',
  summary: 'Start processes and wait until they are up',
  options: {},
  positionals: [{ name: 'names', summary: 'Processes, groups as GROUP:*, or all', required: false, many: true }],
  examples: [
    ['kahi ctl start web', 'start one'],
    ["kahi ctl start 'workers:*'", 'start all of a group'],
  ],
  run: (args) =>
    withDaemon(args, async (client) => {
      const names = listOf(args, 'names')
      if (names.length > 0) return changeAll(client, startChange, names, flagOf(args, 'json'))
      print('Error: start requires a process name\nusage: kahi ctl start NAME... | GROUP:* | all')
      return CTL_EXIT.invalidArguments
    }),
}
