// `kahi ctl restart`: all stops, then all starts. It does not read the configuration again. What depends on a process
// that is restarted goes on; only `restart all` stops that too, in order.
// Source: supervisor 4.2.5, DefaultControllerPlugin.do_restart.

import { type Command, listOf } from '../command.ts'
import { CTL_EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'
import { changeAll } from './change.ts'
import { withDaemon } from './session.ts'
import { startChange } from './start.ts'
import { stopChange } from './stop.ts'

/** Stops and starts processes. */
export const restartCommand: Command = {
  name: 'restart',
  usage: 'NAME... | GROUP:* | all',
  summary: 'Stop processes and start them again',
  options: {},
  positionals: [{ name: 'names', summary: 'Processes, groups as GROUP:*, or all', required: false, many: true }],
  examples: [['kahi ctl restart web', 'stop and start one, as the daemon knows it; SIGHUP reads the file again']],
  run: (args) =>
    withDaemon(args, async (client) => {
      const names = listOf(args, 'names')
      if (names.length > 0) {
        const stopped = await changeAll(client, { ...stopChange, alone: true }, names)
        return changeAll(client, startChange, names, stopped)
      }
      print('Error: restart requires a process name\nusage: kahi ctl restart NAME... | GROUP:* | all')
      return CTL_EXIT.generic
    }),
}
