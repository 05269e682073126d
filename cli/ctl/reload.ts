// `kahi ctl reload`: lets processes read their files again.

import { splitNamespec } from '../../config/model/names.ts'
import { type Command, flagOf, listOf } from '../command.ts'
import { CTL_EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'
import { type Client, Refused } from './client.ts'
import { fullName } from './names.ts'
import { withDaemon } from './session.ts'

/** Runs the reload_command of processes. */
export const reloadCommand: Command = {
  name: 'reload',
  usage: 'NAME...',
  summary: 'Run the reload_command of processes, and wait for its end; the processes keep running',
  options: {},
  positionals: [{ name: 'names', summary: 'Processes', required: true, many: true }],
  examples: [
    ['kahi ctl reload web', 'as its key reload_command says: reload_command = "nginx -s reload"'],
    ['kahi ctl apply', 'reads the configuration of kahi again'],
  ],
  run: (args) =>
    withDaemon(args, async (client) => {
      const outcomes = await Promise.all(listOf(args, 'names').map((name) => reload(client, name)))
      if (flagOf(args, 'json')) print(JSON.stringify(outcomes, null, 2))
      else
        for (const { id, error } of outcomes) print(error === undefined ? `${id}: reloaded` : `${id}: ERROR (${error})`)
      return outcomes.some(({ error }) => error !== undefined) ? CTL_EXIT.generic : CTL_EXIT.success
    }),
}

async function reload(client: Client, id: string) {
  try {
    const path = { name: fullName(splitNamespec(id)) }
    const { status } = await client.call('POST /api/v1/processes/{name}/reload', { path })
    return { id, status }
  } catch (error) {
    if (!(error instanceof Refused) || error.status === 401) throw error
    return { id, status: 'error', code: error.code, error: error.message }
  }
}
