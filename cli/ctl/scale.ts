// `kahi ctl scale`: changes the number of processes of a program while the daemon runs.

import { type Command, flagOf, textOf } from '../command.ts'
import { CTL_EXIT, EXIT } from '../exit-codes.ts'
import { print, printError } from '../print.ts'
import { Refused } from './client.ts'
import { withDaemon } from './session.ts'

/** Changes the number of processes. */
export const scaleCommand: Command = {
  name: 'scale',
  usage: 'PROGRAM N',
  summary: 'Change the number of processes of a program; it counts until numprocs changes in the configuration',
  options: {},
  positionals: [
    { name: 'program', summary: 'Name of the program', required: true },
    { name: 'number', summary: 'How many processes it has from now on; 0 runs none', required: true },
  ],
  examples: [['kahi ctl scale worker 8', 'processes that stay keep running; new ones start, others stop']],
  run: (args) =>
    withDaemon(args, async (client) => {
      const name = textOf(args, 'program') ?? ''
      const number = textOf(args, 'number') ?? ''
      if (!/^\d{1,9}$/.test(number)) {
        printError(`"${number}" is not a number of processes`)
        return CTL_EXIT.invalidArguments
      }
      try {
        const given = { path: { name }, body: { numprocs: Number(number) } }
        const scaled = await client.call('POST /api/v1/programs/{name}/scale', given)
        print(flagOf(args, 'json') ? JSON.stringify(scaled) : describe(scaled))
        return EXIT.ok
      } catch (error) {
        if (!(error instanceof Refused) || error.status === 401) throw error
        const outcome = { name, status: 'error', code: error.code, error: error.message }
        print(flagOf(args, 'json') ? JSON.stringify(outcome) : `${name}: ERROR (${error.message})`)
        return error.status === 400 ? CTL_EXIT.invalidArguments : CTL_EXIT.generic
      }
    }),
}

interface Scaled {
  readonly name: string
  readonly numprocs: number
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

/** `worker: 8 processes (added worker:worker_06, worker:worker_07)`. */
function describe({ name, numprocs, added, removed }: Scaled): string {
  const parts = [
    ...(added.length === 0 ? [] : [`added ${added.join(', ')}`]),
    ...(removed.length === 0 ? [] : [`removed ${removed.join(', ')}`]),
  ]
  const changes = parts.length === 0 ? 'nothing changes' : parts.join('; ')
  return `${name}: ${numprocs} ${numprocs === 1 ? 'process' : 'processes'} (${changes})`
}
