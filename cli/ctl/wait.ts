// `kahi ctl wait`: waits until processes have reached a state. The daemon sends an event for each change.

import { type Named, namespec, splitNamespec } from '../../config/model/names.ts'
import type { EventObject } from '../../runtime/control/operations/shapes/events.ts'
import type { ProcessObject } from '../../runtime/control/operations/shapes/process.ts'
import { systemClock } from '../../runtime/system/clock.ts'
import { type Arguments, type Command, flagOf, listOf, textOf } from '../command.ts'
import { CHANGE_EXIT, EXIT } from '../exit-codes.ts'
import { print, printError } from '../print.ts'
import type { Client } from './client.ts'
import { notFound } from './names.ts'
import { readSeconds, withDaemon } from './session.ts'
import { hear, untilInterrupted } from './stream.ts'

const GOALS = ['ready', 'healthy', 'exited', 'stopped'] as const
type Goal = (typeof GOALS)[number]

/** Waits until processes have reached a state. */
export const waitCommand: Command = {
  name: 'wait',
  usage: '[--for ready|healthy|exited|stopped] [--timeout SECONDS] NAME... | GROUP:*',
  summary:
    'Wait until processes are ready, healthy, exited or stopped; exit 1 when that cannot come, 2 after a time-out, 3 for unknown names',
  options: {
    for: {
      type: 'string',
      choices: GOALS,
      default: 'ready',
      summary:
        'ready: it runs, and its readiness check has succeeded; healthy: its health check has succeeded; exited: it has ended by itself; stopped: it has no process',
    },
    timeout: { type: 'string', summary: 'How long to wait, in seconds; without it there is no limit' },
  },
  positionals: [{ name: 'names', summary: 'Processes and oneshots, groups as GROUP:*', required: true, many: true }],
  examples: [
    ['kahi ctl wait web --timeout 30', 'until web is ready'],
    ['kahi ctl wait migrate --for exited', 'until it has ended'],
  ],
  run: (args) => {
    const limit = readSeconds(args, 'timeout')
    if (limit === undefined) return Promise.resolve(EXIT.usage)
    return withDaemon(args, (client) => wait(client, args, limit), { hasOwnTimeout: true })
  },
}

/** How far a process is: `there`, or why it will not come; undefined while it may still come. */
type Standing = 'there' | { readonly failed: string } | undefined

async function wait(client: Client, args: Arguments, limit: number): Promise<number> {
  const goal = textOf(args, 'for') as Goal
  const names = listOf(args, 'names')
  const unknown = unknownOf(await client.call('GET /api/v1/processes'), names)
  if (unknown.length > 0) {
    if (flagOf(args, 'json')) print(JSON.stringify({ error: unknown.join('\n'), code: 'NOT_FOUND' }))
    else for (const line of unknown) printError(line)
    return CHANGE_EXIT.unknownName
  }
  const waiting = new Waiting(client, names, goal)
  if (goal === 'healthy') {
    const { services } = await client.call('GET /api/v1/graph')
    const bare = services.filter(
      (one) => !one.has_health && names.some((text) => isMeant(splitNamespec(one.name), text)),
    )
    for (const { name } of bare) waiting.standings.set(name, { failed: 'it has no health check' })
    if (bare.length > 0) return report(waiting, args)
  }
  await untilInterrupted((stop) => waiting.run(stop, limit))
  return report(waiting, args)
}

function unknownOf(processes: readonly ProcessObject[], names: readonly string[]): readonly string[] {
  return names
    .filter((name) => !processes.some((one) => isMeant(one, name)))
    .map((name) => notFound(splitNamespec(name), name))
}

function isMeant({ group, name }: Pick<Named, 'group' | 'name'>, text: string): boolean {
  const named = splitNamespec(text)
  return group === named.group && (named.name === undefined || name === named.name)
}

/** What is waited for, and how far it is. */
class Waiting {
  readonly goal: Goal
  readonly standings = new Map<string, Standing>()
  readonly processes = new Map<string, ProcessObject>()
  readonly #client: Client
  readonly #names: readonly string[]
  /** Processes that have ended since the wait began. */
  readonly #ended = new Set<string>()

  constructor(client: Client, names: readonly string[], goal: Goal) {
    this.#client = client
    this.#names = names
    this.goal = goal
  }

  /** Resolves when all are there, when one cannot come any more, or at the limit. */
  async run(stop: AbortSignal, limit: number): Promise<void> {
    const done = new AbortController()
    const timer = limit === 0 ? undefined : systemClock().after(limit * 1000, () => done.abort())
    let last: Promise<void> = Promise.resolve()
    let trouble: unknown
    const look = (): void => {
      last = last
        .then(() => (done.signal.aborted ? undefined : this.#look()))
        .then((isDone) => isDone === true && done.abort())
        .catch((error: unknown) => {
          trouble ??= error
          done.abort()
        }) as Promise<void>
    }
    const take = (event: unknown): void => {
      const { type, group = '', name = '' } = event as EventObject & { group?: string; name?: string }
      if (!this.#names.some((text) => isMeant({ group, name }, text))) return
      if (type === 'process-exited') this.#ended.add(namespec(group, name))
      look()
    }
    const until = AbortSignal.any([stop, done.signal])
    await hear(this.#client, 'GET /api/v1/events/stream', {}, { began: look, take }, until).catch((error: unknown) => {
      if (!done.signal.aborted) throw error
    })
    timer?.cancel()
    if (trouble !== undefined) throw trouble
  }

  /** Asks for the states. True when there is nothing left to wait for. */
  async #look(): Promise<boolean> {
    for (const one of await this.#client.call('GET /api/v1/processes')) {
      if (!this.#names.some((text) => isMeant(one, text))) continue
      const id = namespec(one.group, one.name)
      this.processes.set(id, one)
      if (this.standings.get(id) === undefined) this.standings.set(id, this.#standing(one))
    }
    const all = [...this.standings.values()]
    return all.every((one) => one === 'there') || all.some((one) => typeof one === 'object')
  }

  #standing(process: ProcessObject): Standing {
    const { state, ready, health, kind } = process
    const isAtRest = state === 'STOPPED' || state === 'EXITED' || state === 'FATAL'
    if (this.goal === 'stopped') return isAtRest ? 'there' : undefined
    if (this.goal === 'exited')
      return state === 'EXITED' || state === 'FATAL' || this.#ended.has(namespec(process.group, process.name))
        ? 'there'
        : undefined
    if (state === 'FATAL') return { failed: `FATAL: ${process.description}` }
    if (kind === 'oneshot') return state === 'EXITED' ? 'there' : undefined
    if (this.goal === 'healthy') return health?.status === 'healthy' ? 'there' : undefined
    return state === 'RUNNING' && ready !== false ? 'there' : undefined
  }
}

function report({ goal, standings, processes }: Waiting, args: Arguments): number {
  const results = [...standings].map(([id, standing]) => {
    const process = processes.get(id)
    const status = standing === 'there' ? goal : standing === undefined ? 'waiting' : 'failed'
    const error = typeof standing === 'object' ? standing.failed : undefined
    return {
      group: process?.group,
      name: process?.name,
      id,
      status,
      state: process?.state,
      exitstatus: process?.exitstatus,
      error,
    }
  })
  if (flagOf(args, 'json'))
    print(
      JSON.stringify(
        results.map(({ id: _, ...rest }) => rest),
        null,
        2,
      ),
    )
  else
    for (const { id, status, state, exitstatus, error } of results) {
      const code = goal === 'exited' && status === 'exited' ? ` with ${exitstatus}` : ''
      if (status === 'waiting') print(`${id}: not ${goal} in time (${state})`)
      else print(error === undefined ? `${id}: ${status}${code}` : `${id}: ERROR (${error})`)
    }
  if (results.some(({ status }) => status === 'failed')) return CHANGE_EXIT.failed
  return results.some(({ status }) => status === 'waiting') ? CHANGE_EXIT.timeout : CHANGE_EXIT.done
}
