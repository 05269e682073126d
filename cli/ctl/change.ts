// start, stop and signal are one thing: names, one request each, one line a process, and an exit code.
// Source: supervisor 4.2.5, DefaultControllerPlugin.do_start, do_stop, do_signal.

import { CTL_EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'
import { type Client, Refused } from './client.ts'
import { groupPath, processPath, shown, splitNamespec } from './names.ts'
import { namingWhoHangs } from './waiting.ts'

/** What is asked for. */
export interface Change {
  readonly verb: 'start' | 'stop' | 'signal'
  /** What a line says when it worked. */
  readonly done: 'started' | 'stopped' | 'signalled'
  readonly body?: object
  /** Leaves those up that need what is stopped. */
  readonly alone?: boolean
  /** This failure leaves the exit code alone. */
  readonly harmless?: string
  /** Exit code for a group that does not exist. */
  readonly noGroup: number
}

interface Outcome {
  readonly name: string
  readonly group: string
  readonly status: string
  readonly code?: string
  readonly error?: string
}

/** Code of the daemon → what the line says. */
const TEXTS: Readonly<Record<string, string>> = {
  NOT_FOUND: 'no such process',
  NO_FILE: 'no such file',
  NOT_EXECUTABLE: 'file is not executable',
  ALREADY_STARTED: 'already started',
  NEEDS_FAILED: 'what it needs has failed',
  NOT_READY: 'not ready in time',
  STOP_FAILED: 'could not be taken down',
  SPAWN_ERROR: 'spawn error',
  ABNORMAL_TERMINATION: 'abnormal termination',
  NOT_RUNNING: 'not running',
  BAD_SIGNAL: 'bad signal name',
}

/** Source: supervisor 4.2.5, supervisorctl.DEAD_PROGRAM_FAULTS. */
const DEAD = ['SPAWN_ERROR', 'ABNORMAL_TERMINATION', 'NEEDS_FAILED', 'NOT_READY', 'NOT_RUNNING']

/** Does it to all the names, one after the other; gives the exit code, `before` when nothing went wrong. */
export async function changeAll(
  client: Client,
  change: Change,
  names: readonly string[],
  before: number = CTL_EXIT.success,
): Promise<number> {
  let exitCode = before
  if (names.includes('all')) {
    const work = client.post<Outcome[]>(`/api/v1/processes/all/${change.verb}?wait=true`, change.body)
    return report(
      change,
      await namingWhoHangs(client, { isMeant: () => true, isStart: change.verb === 'start' }, work),
      exitCode,
    )
  }
  for (const name of names) exitCode = await changeNamed(client, change, name, exitCode)
  return exitCode
}

async function changeNamed(client: Client, change: Change, text: string, before: number): Promise<number> {
  const named = splitNamespec(text)
  const path = named.name === undefined ? groupPath(named.group) : processPath(named)
  try {
    const work = client.post<Outcome & { processes?: Outcome[] }>(
      `${path}/${change.verb}?wait=true${change.alone === true ? '&alone=true' : ''}`,
      change.body,
    )
    const isMeant = ({ group, name }: Pick<Outcome, 'group' | 'name'>) =>
      group === named.group && (named.name ?? name) === name
    const answer = await namingWhoHangs(client, { isMeant, isStart: change.verb === 'start' }, work)
    return report(change, answer.processes ?? [answer], before)
  } catch (error) {
    if (!(error instanceof Refused) || error.status === 401 || error.code === 'SHUTTING_DOWN') throw error
    if (named.name !== undefined) {
      return report(
        change,
        [{ group: named.group, name: named.name, status: 'error', code: error.code, error: error.message }],
        before,
      )
    }
    if (error.code !== 'NOT_FOUND') throw error
    print(`${named.group}: ERROR (no such group)`)
    return change.noGroup
  }
}

function report(change: Change, outcomes: readonly Outcome[], before: number): number {
  let exitCode = before
  for (const outcome of outcomes) {
    const { code } = outcome
    print(
      code === undefined ? `${shown(outcome)}: ${change.done}` : `${shown(outcome)}: ERROR (${failureText(outcome)})`,
    )
    if (code === undefined || code === change.harmless) continue
    exitCode = DEAD.includes(code) ? CTL_EXIT.notRunning : CTL_EXIT.generic
  }
  return exitCode
}

function failureText({ code, error }: Outcome): string {
  return TEXTS[code ?? ''] ?? error ?? 'unknown error'
}
