// `kahi ctl remove`: stops and removes a program that was added while the daemon runs.

import { type Command, flagOf, textOf } from '../command.ts'
import { CTL_EXIT, EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'
import { Refused } from './client.ts'
import { withDaemon } from './session.ts'

/** Removes a program. */
export const removeCommand: Command = {
  name: 'remove',
  usage: 'NAME',
  summary: 'Stop and remove a program that was added with `add`',
  options: {},
  positionals: [{ name: 'name', summary: 'Name of the program', required: true }],
  examples: [['kahi ctl remove tunnel', 'stop it and remove it']],
  run: (args) =>
    withDaemon(args, async (client) => {
      const name = textOf(args, 'name') ?? ''
      try {
        await client.call('DELETE /api/v1/programs/{name}', { path: { name } })
        print(flagOf(args, 'json') ? JSON.stringify({ name, status: 'removed' }) : `${name}: removed`)
        return EXIT.ok
      } catch (error) {
        if (!(error instanceof Refused) || error.status === 401) throw error
        const outcome = { name, status: 'error', code: error.code, error: error.message }
        print(flagOf(args, 'json') ? JSON.stringify(outcome) : `${name}: ERROR (${error.message})`)
        return CTL_EXIT.generic
      }
    }),
}
