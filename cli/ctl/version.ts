// `kahi ctl version`. Source: supervisor 4.2.5, DefaultControllerPlugin.do_version.

import { type Command, flagOf, listOf } from '../command.ts'
import { CTL_EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'
import { withDaemon } from './session.ts'

/** Prints the version of the running daemon. */
export const versionCommand: Command = {
  name: 'version',
  usage: '',
  summary: 'Print the version of the running daemon',
  options: {},
  positionals: [{ name: 'words', summary: 'No arguments', required: false, many: true }],
  examples: [['kahi ctl version', 'may differ from that of this program']],
  async run(args) {
    if (listOf(args, 'words').length > 0) {
      print('Error: version accepts no arguments')
      return CTL_EXIT.generic
    }
    return withDaemon(args, async (client) => {
      const answer = await client.call('GET /api/v1/version')
      print(flagOf(args, 'json') ? JSON.stringify(answer) : answer.version)
      return CTL_EXIT.success
    })
  },
}
