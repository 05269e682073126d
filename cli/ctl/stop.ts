// `kahi ctl stop`.

import { type Command, flagOf, listOf } from '../command.ts'
import { CTL_EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'
import { type Change, changeAll } from './change.ts'
import { withDaemon } from './session.ts'

/** The verb `stop`. */
export const stopChange: Change = {
  verb: 'stop',
  done: 'stopped',
  harmless: 'NOT_RUNNING',
  noGroup: CTL_EXIT.generic,
}

/** Stops processes and waits for their end. */
export const stopCommand: Command = {
  name: 'stop',
  usage: 'NAME... | GROUP:* | all',
  summary: 'Stop processes and wait for their end',
  options: {},
  positionals: [{ name: 'names', summary: 'Processes, groups as GROUP:*, or all', required: false, many: true }],
  examples: [
    ['kahi ctl stop web worker:1', 'stop two'],
    ['kahi ctl stop all', 'stop everything; the daemon keeps running'],
  ],
  run: (args) =>
    withDaemon(args, async (client) => {
      const names = listOf(args, 'names')
      if (names.length > 0) return changeAll(client, stopChange, names, flagOf(args, 'json'))
      print('Error: stop requires a process name\nusage: kahi ctl stop NAME... | GROUP:* | all')
      return CTL_EXIT.generic
    }),
}
