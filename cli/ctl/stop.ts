// `kahi ctl stop`.

import { type Arguments, type Command, flagOf, listOf } from '../command.ts'
import { CTL_EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'
import { isAskable, isWanted, stoppedToo } from './ask.ts'
import { type Change, changeAll } from './change.ts'
import type { Client } from './client.ts'
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
  usage: '[--yes] NAME... | GROUP:* | all',
  summary: 'Stop processes and wait for their end',
  options: {
    yes: { type: 'boolean', alias: 'y', summary: 'Do not ask at a terminal before dependents are stopped too' },
  },
  positionals: [{ name: 'names', summary: 'Processes, groups as GROUP:*, or all', required: false, many: true }],
  examples: [
    ['kahi ctl stop web worker:1', 'stop two'],
    ['kahi ctl stop all', 'stop everything; the daemon keeps running'],
  ],
  run: (args) =>
    withDaemon(args, async (client) => {
      const names = listOf(args, 'names')
      if (names.length > 0) return stopAll(client, args, names)
      print('Error: stop requires a process name\nusage: kahi ctl stop NAME... | GROUP:* | all')
      return CTL_EXIT.generic
    }),
}

async function stopAll(client: Client, args: Arguments, names: readonly string[]): Promise<number> {
  const others = isAskable(args) ? await stoppedToo(client, names) : []
  const question = `${others.join(', ')} ${others.length === 1 ? 'depends' : 'depend'} on ${names.join(', ')}: stop ${others.length === 1 ? 'it' : 'them'} too?`
  if (others.length === 0 || (await isWanted(question)))
    return changeAll(client, stopChange, names, flagOf(args, 'json'))
  print('nothing was stopped')
  return CTL_EXIT.generic
}
