// `kahi ctl upgrade`: replaces the daemon process by the installed version, waits for it, and prints which programs
// were kept.

import { namespec } from '../../config/model/names.ts'
import type { ProcessObject } from '../../runtime/control/operations/shapes/process.ts'
import { type Clock, systemClock } from '../../runtime/system/clock.ts'
import { type Command, flagOf } from '../command.ts'
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
  run: (args) => withDaemon(args, (client) => replace(client, flagOf(args, 'json'))),
}

async function replace(client: Client, isJson: boolean): Promise<number> {
  const before = await client.call('GET /api/v1/version')
  const processes = await client.call('GET /api/v1/processes')
  await client.call('POST /api/v1/upgrade')
  const after = await successor(client, before.node_pid, systemClock())
  if (after === undefined) {
    print(`ERROR: no new daemon answers at ${client.url}; the log of kahi says why`)
    return CTL_EXIT.generic
  }
  const [old, now] = [running(processes), running(await client.call('GET /api/v1/processes'))]
  const lost = [...old].filter(([name, pid]) => now.get(name) !== pid).map(([name]) => name)
  const kept = [...old.keys()].filter((name) => !lost.includes(name))
  if (isJson) print(JSON.stringify({ from: before.version, to: after.version, kept, lost }, null, 2))
  else report({ from: before.version, to: after.version, kept, lost })
  return CTL_EXIT.success
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

interface Upgraded {
  readonly from: string
  readonly to: string
  readonly kept: readonly string[]
  readonly lost: readonly string[]
}

function report({ from, to, kept, lost }: Upgraded): void {
  print(`version ${from} -> ${to}`)
  print(`${kept.length} ${kept.length === 1 ? 'process' : 'processes'} kept`)
  for (const name of lost) print(`${name}: has another process now, or none`)
}
