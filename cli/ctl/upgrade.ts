// `kahi ctl upgrade`: asks the daemon to be replaced, waits for the new one, and says which programs were kept.

import { namespec } from '../../config/config.ts'
import type { ProcessObject } from '../../runtime/control/process-object.ts'
import { type Clock, systemClock } from '../../runtime/system/clock.ts'
import type { Command } from '../command.ts'
import { CTL_EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'
import { type Client, Refused, Unreachable } from './client.ts'
import { withDaemon } from './session.ts'

/** How often the socket is tried while one daemon takes the place of the other, and for how long. */
const TRY_MS = 50
const PATIENCE_MS = 30_000

interface Version {
  readonly version: string
  readonly brain: string
}

/** Puts the installed version in the place of the running one. */
export const upgradeCommand: Command = {
  name: 'upgrade',
  usage: '',
  summary: 'Replace the running daemon by the installed version without ending a program',
  options: {},
  positionals: [],
  examples: [['kahi ctl upgrade', 'needs a daemon started with --survive, or as PID 1 with survive = true']],
  run: (args) => withDaemon(args, replace),
}

async function replace(client: Client): Promise<number> {
  const before = await client.get<Version>('/api/v1/version')
  const processes = await client.get<ProcessObject[]>('/api/v1/processes')
  await client.post('/api/v1/upgrade')
  const after = await successor(client, before.brain, systemClock())
  if (after === undefined) {
    print(`ERROR: no new daemon answers at ${client.url}; the log of kahi says why`)
    return CTL_EXIT.generic
  }
  print(`version ${before.version} -> ${after.version}`)
  return report(running(processes), running(await client.get<ProcessObject[]>('/api/v1/processes')))
}

/** The version of the next daemon, once it answers; undefined when it does not. */
async function successor(client: Client, brain: string, clock: Clock): Promise<Version | undefined> {
  const deadline = clock.nowMs() + PATIENCE_MS
  while (clock.nowMs() < deadline) {
    const answer = await client.get<Version>('/api/v1/version').catch((error: unknown) => {
      if (error instanceof Unreachable || error instanceof Refused) return undefined
      throw error
    })
    if (answer !== undefined && answer.brain !== brain) return answer
    await new Promise<void>((resolve) => clock.after(TRY_MS, resolve))
  }
  return undefined
}

/** Names of the processes that are there, with their pids. */
function running(processes: readonly ProcessObject[]): ReadonlyMap<string, number> {
  return new Map(processes.filter(({ pid }) => pid > 0).map(({ group, name, pid }) => [namespec(group, name), pid]))
}

function report(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number {
  const lost = [...before].filter(([name, pid]) => after.get(name) !== pid).map(([name]) => name)
  print(`${before.size - lost.length} ${before.size - lost.length === 1 ? 'process' : 'processes'} kept`)
  for (const name of lost) print(`${name}: has another process now, or none`)
  return CTL_EXIT.success
}
