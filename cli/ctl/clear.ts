// `kahi ctl clear`. Source of the words: supervisor 4.2.5, DefaultControllerPlugin.do_clear.

import { namespec, splitNamespec } from '../../config/model/names.ts'
import { type Command, flagOf, listOf } from '../command.ts'
import { CTL_EXIT, EXIT } from '../exit-codes.ts'
import { print, printProblem } from '../print.ts'
import { type Client, Refused } from './client.ts'
import { fullName } from './names.ts'
import { withDaemon } from './session.ts'

/** Clears the logs of processes. */
export const clearCommand: Command = {
  name: 'clear',
  usage: 'NAME... | GROUP:* | --all',
  summary: 'Empty the logs of processes; rotated ones stay',
  options: { all: { type: 'boolean', summary: 'The logs of all processes' } },
  positionals: [{ name: 'names', summary: 'Processes, or groups as GROUP:*', required: false, many: true }],
  examples: [
    ['kahi ctl clear web', 'make room: stdout and stderr of one process'],
    ['kahi ctl clear --all', 'those of all processes'],
  ],
  run: (args) =>
    withDaemon(args, async (client) => {
      const names = listOf(args, 'names')
      if (names.length === 0 && !flagOf(args, 'all')) {
        printProblem('name the processes whose logs are to be emptied, or give --all', 'kahi ctl clear --help')
        return EXIT.usage
      }
      let exitCode: number = CTL_EXIT.success
      const isJson = flagOf(args, 'json')
      const outcomes: object[] = []
      for (const name of await processesOf(client, flagOf(args, 'all') ? undefined : names)) {
        const { line, outcome, isCleared } = await clear(client, name)
        if (!isCleared) exitCode = CTL_EXIT.generic
        if (!isJson) print(line)
        outcomes.push(outcome)
      }
      if (isJson) print(JSON.stringify(outcomes, null, 2))
      return exitCode
    }),
}

/** The full names of the processes that are meant; a name without a process stays as it is, so that the daemon refuses it. */
async function processesOf(client: Client, names: readonly string[] | undefined): Promise<readonly string[]> {
  const known = await client.call('GET /api/v1/processes')
  if (names === undefined) return known.map(fullName)
  return names.flatMap((text) => {
    const { group, name } = splitNamespec(text)
    const meant = known.filter((one) => one.group === group && (name === undefined || one.name === name))
    return meant.length === 0 ? [text] : meant.map(fullName)
  })
}

interface Cleared {
  readonly line: string
  readonly outcome: object
  readonly isCleared: boolean
}

async function clear(client: Client, name: string): Promise<Cleared> {
  try {
    const outcome = await client.call('DELETE /api/v1/processes/{name}/log', { path: { name } })
    return { line: `${namespec(outcome.group, outcome.name)}: cleared`, outcome, isCleared: true }
  } catch (error) {
    if (!(error instanceof Refused) || error.status === 401) throw error
    const outcome = { name, status: 'error', code: error.code, error: error.message }
    return { line: `${name}: ERROR (${error.message})`, outcome, isCleared: false }
  }
}
