// `kahi ctl upgrade`: replaces the daemon process by the installed version, waits for it, and prints which programs
// were kept.

import { namespec } from '../../config/model/names.ts'
import type { ProcessObject } from '../../runtime/control/operations/shapes/process.ts'
import { type Clock, systemClock } from '../../runtime/system/clock.ts'
import type { Command } from '../command.ts'
import { CTL_EXIT } from '../exit-codes.ts'
import { print } from '../print.ts'
import { type Answer, type Client, Refused, Unreachable } from './client.ts'
import { withDaemon } from './session.ts'

/** How often, and for how long, the socket is tried while one daemon process replaces the other. */
const TRY_MS = 50
const PATIENCE_MS = 30_000

type Version = Answer<'GET /api/v1/version'>

/** Replaces the running version by the installed one. */
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
  const before = await client.call('GET /api/v1/version')
  const processes = await client.call('GET /api/v1/processes')
  await client.call('POST /api/v1/upgrade')
  const after = await successor(client, before.node_pid, systemClock())
  if (after === undefined) {
    print(`ERROR: no new daemon answers at ${client.url}; the log of kahi says why`)
    return CTL_EXIT.generic
  }
  print(`version ${before.version} -> ${after.version}`)
  return report(running(processes), running(await client.call('GET /api/v1/processes')))
}

/** The version of the next daemon process, when it answers; undefined when it does not. */
async function successor(client: Client, nodePid: number, clock: Clock): Promise<Version | undefined> {
  const deadline = clock.nowMs() + PATIENCE_MS
  while (clock.nowMs() < deadline) {
    const answer = await client.call('GET /api/v1/version').catch((error: unknown) => {
      if (error instanceof Unreachable || error instanceof Refused) return undefined
      throw error
    })
    if (answer !== undefined && answer.node_pid !== nodePid) return answer
    await new Promise<void>((resolve) => clock.after(TRY_MS, resolve))
  }
  return undefined
}

/** Names of the running processes, with their pids. */
function running(processes: readonly ProcessObject[]): ReadonlyMap<string, number> {
  return new Map(processes.filter(({ pid }) => pid > 0).map(({ group, name, pid }) => [namespec(group, name), pid]))
}

function report(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number {
  const lost = [...before].filter(([name, pid]) => after.get(name) !== pid).map(([name]) => name)
  print(`${before.size - lost.length} ${before.size - lost.length === 1 ? 'process' : 'processes'} kept`)
  for (const name of lost) print(`${name}: has another process now, or none`)
  return CTL_EXIT.success
}
