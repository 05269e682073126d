// `kahi ctl signal`.

import { type Command, flagOf, listOf } from '../command.ts'
import { CTL_EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'
import { changeAll } from './change.ts'
import { withDaemon } from './session.ts'

/** Sends a signal to processes. */
export const signalCommand: Command = {
  name: 'signal',
  usage: 'SIGNAL NAME... | GROUP:* | all',
  summary: 'Send a signal to processes',
  options: {},
  positionals: [
    {
      name: 'words',
      summary: 'A signal by name or number, then processes, groups as GROUP:*, or all',
      required: false,
      many: true,
    },
  ],
  examples: [['kahi ctl signal HUP web', 'make one read its files again']],
  run: (args) =>
    withDaemon(args, async (client) => {
      const [signal, ...names] = listOf(args, 'words')
      if (signal !== undefined && names.length > 0) {
        return changeAll(
          client,
          { verb: 'signal', done: 'signalled', noGroup: CTL_EXIT.generic, signal },
          names,
          flagOf(args, 'json'),
        )
      }
      print('Error: signal requires a signal name and a process name\nusage: kahi ctl signal SIGNAL NAME...')
      return CTL_EXIT.generic
    }),
}
