// `kahi ctl add`: adds a program that is in no file.

import { type Arguments, type Command, flagOf, listOf, textOf } from '../command.ts'
import { CTL_EXIT, EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'
import { Refused } from './client.ts'
import { withDaemon } from './session.ts'

/** Adds a program while the daemon runs. */
export const addCommand: Command = {
  name: 'add',
  usage: 'NAME --command COMMAND [--env K=V...] [--dir DIR] [--user USER] [--set KEY=VALUE...]',
  summary: 'Add a program that is in no configuration file, or replace one that was added before',
  options: {
    command: { type: 'string', summary: 'The command to run, as in kahi.toml' },
    env: { type: 'string', many: true, summary: 'A variable for it, as NAME=VALUE' },
    dir: { type: 'string', summary: 'Directory to run it in' },
    user: { type: 'string', summary: 'User to run it as' },
    set: { type: 'string', many: true, summary: 'Any other key of a program, as KEY=VALUE; VALUE is JSON, or text' },
  },
  positionals: [{ name: 'name', summary: 'Name of the program', required: true }],
  examples: [
    ['kahi ctl add tunnel --command "cloudflared tunnel run"', 'run it from now on; a reload keeps it'],
    ['kahi ctl add job --command ./job --set autorestart=false --set \'limits={"memory":"64MB"}\'', 'with more keys'],
    ['kahi ctl remove tunnel', 'stop it and remove it'],
  ],
  run: (args) =>
    withDaemon(args, async (client) => {
      const name = textOf(args, 'name') ?? ''
      try {
        const given = { path: { name }, body: programOf(args) }
        const { status } = await client.call('PUT /api/v1/programs/{name}', given)
        print(flagOf(args, 'json') ? JSON.stringify({ name, status }) : `${name}: ${status}`)
        return EXIT.ok
      } catch (error) {
        if (!(error instanceof Refused) || error.status === 401) throw error
        const reason = withoutPlaces(error.message)
        const outcome = { name, status: 'error', code: error.code, error: reason }
        print(flagOf(args, 'json') ? JSON.stringify(outcome) : `${name}: ERROR (${reason})`)
        return error.status === 400 ? CTL_EXIT.invalidArguments : CTL_EXIT.generic
      }
    }),
}

/** The daemon names places in the request, which no user has seen. */
function withoutPlaces(message: string): string {
  return message.replaceAll(/^body:\d+:\d+: error: /gm, '')
}

/** The keys of the program that the options mean. */
function programOf(args: Arguments): Readonly<Record<string, unknown>> {
  const given: readonly (readonly [key: string, value: unknown])[] = [
    ['command', textOf(args, 'command')],
    ['directory', textOf(args, 'dir')],
    ['user', textOf(args, 'user')],
  ]
  const variables = listOf(args, 'env').map(splitPair)
  return {
    ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    ...(variables.length === 0 ? {} : { environment: Object.fromEntries(variables) }),
    ...Object.fromEntries(
      listOf(args, 'set')
        .map(splitPair)
        .map(([key, text]) => [key, readValue(text)]),
    ),
  }
}

function splitPair(text: string): readonly [string, string] {
  const equals = text.indexOf('=')
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)]
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
