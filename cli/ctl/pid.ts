// `kahi ctl pid`. Source: supervisor 4.2.5, DefaultControllerPlugin.do_pid.

import { splitNamespec } from '../../config/model/names.ts'
import { type Command, listOf } from '../command.ts'
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
  run: (args) => withDaemon(args, (client) => showPids(client, listOf(args, 'names'))),
}

async function showPids(client: Client, names: readonly string[]): Promise<number> {
  if (names.length === 0) {
    print(String((await client.call('GET /api/v1/version')).pid))
    return CTL_EXIT.success
  }
  if (names.includes('all')) {
    for (const { pid } of await client.call('GET /api/v1/processes')) print(String(pid))
    return CTL_EXIT.success
  }
  let exitCode: number = CTL_EXIT.success
  for (const name of names) exitCode = await showPid(client, name, exitCode)
  return exitCode
}

async function showPid(client: Client, name: string, before: number): Promise<number> {
  try {
    const { pid } = await client.call('GET /api/v1/processes/{name}', { path: { name: fullName(splitNamespec(name)) } })
    print(String(pid))
    return pid === 0 ? CTL_EXIT.notRunning : before
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'NOT_FOUND') throw error
    print(`No such process ${name}`)
    return CTL_EXIT.generic
  }
}
