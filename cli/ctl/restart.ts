// `kahi ctl restart`: sends one request for each name. The daemon carries it out even if this program is interrupted.
// The configuration is not read again. Dependents of a restarted process keep running; only `restart all` stops them
// too, in order. The lines are supervisorctl's, which stops all names and then starts them. Source: supervisor 4.2.5,
// DefaultControllerPlugin.do_restart.

import { unitId } from '../../config/model/names.ts'
import type { Outcome } from '../../runtime/control/operations/shapes/process.ts'
import { type Command, flagOf, listOf } from '../command.ts'
import { CTL_EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'
import { ask, type Change, printOutcomes, report } from './change.ts'
import type { Client } from './client.ts'
import { withDaemon } from './session.ts'
import { startChange } from './start.ts'
import { stopChange } from './stop.ts'

const restartChange: Change = { ...startChange, verb: 'restart' }

/** Stops and starts processes. */
export const restartCommand: Command = {
  name: 'restart',
  usage: 'NAME... | GROUP:* | all',
  summary: 'Stop processes and start them again',
  options: {},
  positionals: [{ name: 'names', summary: 'Processes, groups as GROUP:*, or all', required: false, many: true }],
  examples: [
    ['kahi ctl restart web', 'stop and start one with the settings that the daemon has; SIGHUP reads the file again'],
  ],
  run: (args) =>
    withDaemon(args, async (client) => {
      const names = listOf(args, 'names')
      if (names.length > 0) return restartAll(client, names.includes('all') ? ['all'] : names, flagOf(args, 'json'))
      print('Error: restart requires a process name\nusage: kahi ctl restart NAME... | GROUP:* | all')
      return CTL_EXIT.generic
    }),
}

/** All requests are sent at once, so that none waits for the start of another process. */
async function restartAll(client: Client, names: readonly string[], isJson: boolean): Promise<number> {
  const processes = await client.call('GET /api/v1/processes')
  const wasUp = new Set(
    processes.filter(({ state }) => UP.includes(state)).map(({ group, name }) => unitId(group, name)),
  )
  const answers = await Promise.all(names.map((name) => ask(client, restartChange, name)))
  const say = isJson ? () => {} : print
  let exitCode: number = CTL_EXIT.success
  for (const answer of answers) {
    const stops = answer.outcomes?.flatMap((one) => stopOf(one, wasUp, answer.named.name === undefined))
    exitCode = report(stopChange, { ...answer, outcomes: stops }, exitCode, say)
  }
  for (const answer of answers) {
    if (answer.outcomes === undefined) continue
    const outcomes = answer.outcomes.filter(({ code }) => !BEFORE.includes(code))
    exitCode = report(startChange, { ...answer, outcomes }, exitCode, say)
  }
  if (isJson) printOutcomes(answers)
  return exitCode
}

/** Source: supervisor 4.2.5, states.RUNNING_STATES. */
const UP: readonly string[] = ['STARTING', 'RUNNING', 'BACKOFF']
/** Failures before anything was stopped. */
const BEFORE: readonly unknown[] = ['NOT_FOUND', 'ESSENTIAL', 'STOP_FAILED', 'UNAVAILABLE']

/** The outcomes of the stops of a restart. Of a group only the processes are named that were up. */
function stopOf(outcome: Outcome, wasUp: ReadonlySet<string>, isGroup: boolean): readonly Outcome[] {
  const { group, name, code } = outcome
  if (BEFORE.includes(code)) return [outcome]
  if (wasUp.has(unitId(group, name))) return [{ group, name, status: 'stopped' }]
  return isGroup ? [] : [{ group, name, status: 'error', code: 'NOT_RUNNING' }]
}
