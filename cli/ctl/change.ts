// start, stop, restart and signal work alike: one request for each name, one line for each process, and an exit code.
// Source: supervisor 4.2.5, DefaultControllerPlugin.do_start, do_stop, do_restart, do_signal.

import { type Named, splitNamespec } from '../../config/model/names.ts'
import { ERRORS, type ErrorCode, NO_SUCH_GROUP } from '../../runtime/control/operations/errors.ts'
import type { Outcome } from '../../runtime/control/operations/shapes/process.ts'
import { CTL_EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'
import { type Client, Refused } from './client.ts'
import { fullName, namedIn, notFound, shown, suggestionFor } from './names.ts'
import { namingWhoHangs } from './waiting.ts'

/** One of these verbs. */
export interface Change {
  readonly verb: 'start' | 'stop' | 'restart' | 'signal'
  /** The word for a success. */
  readonly done: 'started' | 'stopped' | 'signalled'
  /** For `signal`: its name or number. */
  readonly signal?: string
  /** A failure that does not change the exit code. */
  readonly harmless?: ErrorCode
  /** Exit code for a group that does not exist. */
  readonly noGroup: number
}

/** The outcomes for one name; no outcomes means that the group does not exist. */
export interface Answered {
  readonly named: Named
  readonly outcomes: readonly Outcome[] | undefined
  /** For a name that does not exist: one that does. */
  readonly suggestion?: string | undefined
}

/** Errors whose text is complete. For the others the daemon's message is shown. */
const PLAIN: readonly ErrorCode[] = [
  'NOT_FOUND',
  'NO_FILE',
  'NOT_EXECUTABLE',
  'ALREADY_STARTED',
  'NEEDS_FAILED',
  'NOT_READY',
  'STOP_FAILED',
  'SPAWN_ERROR',
  'ABNORMAL_TERMINATION',
  'NOT_RUNNING',
  'BAD_SIGNAL',
]

/** Source: supervisor 4.2.5, supervisorctl.DEAD_PROGRAM_FAULTS. */
const DEAD: readonly ErrorCode[] = ['SPAWN_ERROR', 'ABNORMAL_TERMINATION', 'NEEDS_FAILED', 'NOT_READY', 'NOT_RUNNING']

/** Carries out the verb for all names, one after the other. Gives the exit code. */
export async function changeAll(
  client: Client,
  change: Change,
  names: readonly string[],
  isJson: boolean,
): Promise<number> {
  let exitCode: number = CTL_EXIT.success
  const answers: Answered[] = []
  /** What has been stopped with an earlier name. */
  const stopped = new Set<string>()
  for (const name of names.includes('all') ? ['all'] : names) {
    if (stopped.has(name)) continue
    const answer = await ask(client, change, name)
    if (change.verb === 'stop')
      for (const { also = [] } of answer.outcomes ?? []) for (const one of also) stopped.add(one)
    exitCode = report(change, answer, exitCode, isJson ? () => {} : print)
    answers.push(answer)
  }
  if (isJson) printOutcomes(answers)
  return exitCode
}

/** Prints the outcomes as a JSON array. */
export function printOutcomes(answers: readonly Answered[]): void {
  const all = answers.flatMap(
    ({ named, outcomes }): readonly object[] =>
      outcomes ?? [{ group: named.group, status: 'error', code: 'NOT_FOUND', error: NO_SUCH_GROUP }],
  )
  print(JSON.stringify(all, null, 2))
}

/** Sends the request for one name. A name that is no process may be that of a program with several, or of a group. */
export async function ask(client: Client, change: Change, text: string): Promise<Answered> {
  const typed: Named = text === 'all' ? { group: 'all', name: undefined } : splitNamespec(text)
  const answer = await askOnce(client, change, text, typed)
  const isUnknown = answer.outcomes === undefined || answer.outcomes.some(({ code }) => code === 'NOT_FOUND')
  if (!isUnknown) return answer
  const processes = await client.call('GET /api/v1/processes')
  const named = namedIn(text, processes)
  if (named.name !== typed.name) return askOnce(client, change, text, named)
  return { ...answer, suggestion: suggestionFor(text, processes) }
}

/** An error of the daemon is an outcome too. */
async function askOnce(client: Client, change: Change, text: string, named: Named): Promise<Answered> {
  const isMeant = ({ group, name }: Pick<Outcome, 'group' | 'name'>): boolean =>
    text === 'all' || (group === named.group && (named.name ?? name) === name)
  const isStart = change.verb === 'start' || change.verb === 'restart'
  try {
    const work = text === 'all' ? askAll(client, change) : askNamed(client, change, named)
    return { named, outcomes: await namingWhoHangs(client, { isMeant, isStart }, work) }
  } catch (error) {
    if (!(error instanceof Refused) || error.status === 401 || error.code === 'SHUTTING_DOWN') throw error
    if (named.name === undefined && error.code !== 'NOT_FOUND') throw error
    if (named.name === undefined) return { named, outcomes: undefined }
    const hint = error.hint === undefined ? {} : { hint: error.hint }
    const failure = { status: 'error', code: error.code as ErrorCode, error: error.message, ...hint } as const
    return { named, outcomes: [{ group: named.group, name: named.name, ...failure }] }
  }
}

async function askAll(client: Client, { verb, signal = '' }: Change): Promise<readonly Outcome[]> {
  if (verb === 'signal') return client.call('POST /api/v1/processes/all/signal', { body: { signal } })
  return client.call(`POST /api/v1/processes/all/${verb}`)
}

async function askNamed(client: Client, { verb, signal = '' }: Change, named: Named): Promise<readonly Outcome[]> {
  const body = { signal }
  if (named.name === undefined) {
    const path = { group: named.group }
    const { processes } = await (verb === 'signal'
      ? client.call('POST /api/v1/groups/{group}/signal', { path, body })
      : client.call(`POST /api/v1/groups/{group}/${verb}`, { path }))
    return processes
  }
  const path = { name: fullName(named) }
  const outcome = await (verb === 'signal'
    ? client.call('POST /api/v1/processes/{name}/signal', { path, body })
    : client.call(`POST /api/v1/processes/{name}/${verb}`, { path }))
  return [outcome]
}

/** Prints a line for each process. Gives the exit code: `before` when nothing failed. */
export function report(
  change: Pick<Change, 'done' | 'harmless' | 'noGroup'>,
  { named, outcomes, suggestion }: Answered,
  before: number,
  say: (line: string) => void = print,
): number {
  if (outcomes === undefined) {
    say(notFound(named, undefined, suggestion))
    return change.noGroup
  }
  let exitCode = before
  for (const outcome of outcomes) {
    const { code } = outcome
    const isStart = change.done === 'started'
    if (!isStart) for (const other of outcome.also ?? []) say(`${other}: stopped (depends on ${shown(outcome)})`)
    const hint = suggestion === undefined ? '' : `; did you mean ${suggestion}?`
    say(`${shown(outcome)}: ${code === undefined ? change.done : `ERROR (${failureText(code, outcome)}${hint})`}`)
    if (isStart) for (const other of outcome.also ?? []) say(`${other}: starting (was stopped with ${shown(outcome)})`)
    if (code === undefined || code === change.harmless) continue
    exitCode = DEAD.includes(code) ? CTL_EXIT.notRunning : CTL_EXIT.generic
  }
  return exitCode
}

/** The text of supervisorctl, and the reason that the daemon knows. */
function failureText(code: ErrorCode, { error, hint }: Outcome): string {
  const text = PLAIN.includes(code) ? ERRORS[code].text : (error ?? ERRORS[code].text)
  return hint === undefined || !DEAD.includes(code) ? text : `${text}: ${hint}`
}
