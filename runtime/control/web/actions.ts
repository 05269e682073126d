// What the page can do: the actions of supervisord's page, which scripts call too
// (`curl 'http://localhost:9001/index.html?action=restart&processname=web'`). Source: supervisor 4.2.5,
// web.StatusView.make_callback: names, order and messages.

import { isUnitId } from '../../../config/model/names.ts'
import { ControlError } from '../operations/errors.ts'
import { findService } from '../operations/find.ts'
import { startGroup, stopGroup } from '../operations/groups.ts'
import { clearLog } from '../operations/logs.ts'
import { restart, start, stop } from '../operations/processes.ts'
import type { Outcome } from '../operations/shapes/process.ts'
import type { Controlled } from '../operations/supervised.ts'

const ALL = { group: undefined, wait: true, alone: true }

/** An action for all processes → what is done, and the beginning of the message. */
const FOR_ALL: Readonly<Record<string, readonly [string, (controlled: Controlled) => Promise<unknown>]>> = {
  refresh: ['Page refreshed', async () => {}],
  stopall: ['All stopped', async (controlled) => stopGroup.run(controlled, ALL)],
  restartall: [
    'All restarted',
    async (controlled) => {
      await stopGroup.run(controlled, ALL)
      return startGroup.run(controlled, ALL)
    },
  ],
}

type ForOne = (controlled: Controlled, name: string) => Promise<Outcome> | Outcome

/** An action for one process → what is done, and its message. */
const FOR_ONE: Readonly<Record<string, readonly [(name: string) => string, ForOne]>> = {
  start: [(name) => `Process ${name} started`, (controlled, name) => start.run(controlled, { name, wait: true })],
  stop: [
    (name) => `Process ${name} stopped`,
    (controlled, name) => stop.run(controlled, { name, wait: true, alone: true }),
  ],
  restart: [(name) => `Process ${name} restarted`, (controlled, name) => restart.run(controlled, { name, wait: true })],
  clearlog: [(name) => `Log for ${name} cleared`, (controlled, name) => clearLog.run(controlled, { name })],
}

/** Carries out an action and gives its message, also when it fails. Throws BAD_REQUEST when there is no such action. */
export async function act(controlled: Controlled, action: string, processName: string | undefined): Promise<string> {
  const forAll = FOR_ALL[action]
  if (forAll !== undefined) {
    await forAll[1](controlled)
    return `${forAll[0]} at ${showTime(controlled.clock.wallMs())}`
  }
  const forOne = FOR_ONE[action]
  if (forOne === undefined || processName === undefined) throw new ControlError('BAD_REQUEST')
  const name = isUnitId(processName) ? processName : `${processName}:${processName}`
  try {
    findService(controlled.supervisor, name)
  } catch {
    return `No such process named ${processName}`
  }
  try {
    await forOne[1](controlled, name)
    return forOne[0](processName)
  } catch (error) {
    if (!(error instanceof ControlError)) throw error
    return `ERROR: ${error.message.replace(/^p/, 'P').replace('file is not', 'file not')}`
  }
}

/** As C's ctime: `Sun Nov 29 20:39:43 2026`, local time. */
function showTime(ms: number): string {
  const [day = '', month = '', date = '', year = '', time = ''] = new Date(ms).toString().split(' ')
  return `${day} ${month} ${date.replace(/^0/, ' ')} ${time} ${year}`
}
