// `kahi ctl shutdown`. Source: supervisor 4.2.5, DefaultControllerPlugin.do_shutdown.

import { type Command, listOf } from '../command.ts'
import { CTL_EXIT, EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'
import { openClient, Refused, Unreachable } from './client.ts'
import { explain, readTarget } from './session.ts'

const GONE: Readonly<Record<string, string>> = { ECONNREFUSED: 'refused connection', ENOENT: 'no such file' }

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
    const target = readTarget(args)
    if (target === undefined) return EXIT.usage
    try {
      await openClient(target).call('POST /api/v1/shutdown')
      print('Shut down')
      return CTL_EXIT.success
    } catch (error) {
      return explainFailure(error, target.url)
    }
  },
}

function explainFailure(error: unknown, url: string): number {
  if (error instanceof Refused && error.code === 'SHUTTING_DOWN') {
    print('ERROR: already shutting down')
    return CTL_EXIT.success
  }
  const gone = error instanceof Unreachable ? GONE[error.code] : undefined
  if (gone === undefined) return explain(error, url)
  print(`ERROR: ${url} ${gone} (already shut down?)`)
  return CTL_EXIT.generic
}
