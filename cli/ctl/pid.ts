// `kahi ctl pid`. Source: supervisor 4.2.5, DefaultControllerPlugin.do_pid.

import { splitNamespec } from '../../config/model/names.ts'
import { type Arguments, type Command, flagOf, listOf } from '../command.ts'
import { CTL_EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'
import { type Client, Refused } from './client.ts'
import { fullName } from './names.ts'
import { withDaemon } from './session.ts'

/** Prints process ids. */
export const pidCommand: Command = {
  name: 'pid',
  usage: '[NAME... | all]',
  summary: "Print the daemon's process id, or those of processes",
  options: {},
  positionals: [{ name: 'names', summary: 'Processes, or all', required: false, many: true }],
  examples: [
    ['kahi ctl pid', 'of the daemon'],
    ['kahi ctl pid web', 'of a process; 0 when it is not running'],
  ],
  run: (args) => withDaemon(args, (client) => showPids(client, args)),
}

async function showPids(client: Client, args: Arguments): Promise<number> {
  const names = listOf(args, 'names')
  const isJson = flagOf(args, 'json')
  if (names.length === 0) {
    const { pid } = await client.call('GET /api/v1/version')
    print(isJson ? JSON.stringify({ pid }) : String(pid))
    return CTL_EXIT.success
  }
  const found = names.includes('all')
    ? (await client.call('GET /api/v1/processes')).map(({ group, name, pid }) => ({ group, name, pid }))
    : await Promise.all(names.map((name) => pidOf(client, name)))
  if (isJson) print(JSON.stringify(found, null, 2))
  else for (const one of found) print('pid' in one ? String(one.pid) : `No such process ${one.name}`)
  if (names.includes('all')) return CTL_EXIT.success
  let exitCode: number = CTL_EXIT.success
  for (const one of found) {
    if (!('pid' in one)) exitCode = CTL_EXIT.generic
    else if (one.pid === 0) exitCode = CTL_EXIT.notRunning
  }
  return exitCode
}

async function pidOf(client: Client, text: string) {
  try {
    const path = { name: fullName(splitNamespec(text)) }
    const { group, name, pid } = await client.call('GET /api/v1/processes/{name}', { path })
    return { group, name, pid }
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'NOT_FOUND') throw error
    return { name: text, code: error.code, error: error.message }
  }
}
