// `kahi ctl shutdown`. Source: supervisor 4.2.5, DefaultControllerPlugin.do_shutdown.

import { type Arguments, type Command, flagOf, listOf } from '../command.ts'
import { CTL_EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'
import { type Client, Refused, Unreachable } from './client.ts'
import { explain, withDaemon } from './session.ts'

/** Errors that mean that there is no daemon. */
const GONE = ['ECONNREFUSED', 'ENOENT']

/** Ends the daemon. */
export const shutdownCommand: Command = {
  name: 'shutdown',
  usage: '',
  summary: 'Stop everything in reverse order and end the daemon; returns at once',
  options: {},
  positionals: [{ name: 'words', summary: 'No arguments', required: false, many: true }],
  examples: [['kahi ctl shutdown', 'as SIGTERM to the daemon']],
  async run(args) {
    if (listOf(args, 'words').length > 0) {
      print('Error: shutdown accepts no arguments')
      return CTL_EXIT.generic
    }
    return withDaemon(args, (client) => shutDown(client, args), { asksFirst: false })
  },
}

async function shutDown(client: Client, args: Arguments): Promise<number> {
  try {
    const answer = await client.call('POST /api/v1/shutdown')
    print(flagOf(args, 'json') ? JSON.stringify(answer) : 'Shut down')
    return CTL_EXIT.success
  } catch (error) {
    if (flagOf(args, 'json')) throw error
    return explainFailure(error, client.url)
  }
}

function explainFailure(error: unknown, url: string): number {
  if (error instanceof Refused && error.code === 'SHUTTING_DOWN') {
    print('error: the daemon is shutting down already')
    return CTL_EXIT.success
  }
  if (!(error instanceof Unreachable && GONE.includes(error.code))) return explain(error, url)
  print(`error: no daemon listens on ${url} (already shut down?)`)
  return CTL_EXIT.generic
}
