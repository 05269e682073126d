// `kahi ctl env`: the environment of a process, and where each value comes from.

import { splitNamespec } from '../../config/model/names.ts'
import { type Command, flagOf, textOf } from '../command.ts'
import { CTL_EXIT, EXIT } from '../exit-codes.ts'
import { colourFor, print } from '../print.ts'
import { Refused } from './client.ts'
import { fullName } from './names.ts'
import { withDaemon } from './session.ts'

/** Shows the environment of a process. */
export const envCommand: Command = {
  name: 'env',
  usage: 'NAME',
  summary: 'Show the environment that a process gets, and where each value comes from; secrets are hidden',
  options: {},
  positionals: [{ name: 'name', summary: 'A process or a oneshot', required: true }],
  examples: [['kahi ctl env web', 'PORT=8080  # [programs.web] environment at kahi.toml:7:1']],
  run: (args) =>
    withDaemon(args, async (client) => {
      const name = textOf(args, 'name') ?? ''
      try {
        const path = { name: fullName(splitNamespec(name)) }
        const variables = await client.call('GET /api/v1/processes/{name}/environment', { path })
        const colour = colourFor(process.stdout)
        if (flagOf(args, 'json')) print(JSON.stringify(variables, null, 2))
        else for (const one of variables) print(`${one.name}=${one.value}  ${colour.dim(`# ${one.origin}`)}`)
        return EXIT.ok
      } catch (error) {
        if (flagOf(args, 'json') || !(error instanceof Refused) || error.code !== 'NOT_FOUND') throw error
        print(`${name}: ERROR (${error.message})`)
        return CTL_EXIT.generic
      }
    }),
}
