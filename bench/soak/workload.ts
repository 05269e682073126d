// One round of load: several clients do random things at once, for some seconds.

import { connect, type Socket } from 'node:net'
import { ask } from '../request.ts'
import { sleep } from '../running.ts'
import type { Daemon } from './daemon.ts'

/** Numbers from 0 up to 1, the same for the same seed. Source: the generator mulberry32. */
export type Random = () => number

/** A random number generator. */
export function randomFrom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Scene {
  readonly daemon: Daemon
  readonly random: Random
  /** Connections that send nothing. */
  readonly idle: Socket[]
}

type Action = (scene: Scene, name: string) => Promise<unknown>

const IDLE = 100
const xml =
  (method: string, ...rest: (string | number | boolean)[]): Action =>
  ({ daemon }, name) =>
    daemon.call(`supervisor.${method}`, name, ...rest)

const ACTIONS: readonly (readonly [weight: number, action: Action])[] = [
  [6, xml('startProcess', false)],
  [6, xml('stopProcess', false)],
  [3, xml('stopProcess', true)],
  [3, xml('signalProcess', 'USR1')],
  [3, xml('getProcessInfo')],
  [3, xml('tailProcessStdoutLog', 0, 20_000)],
  [2, xml('readProcessStdoutLog', 0, 100_000)],
  [4, ({ daemon }) => daemon.programs()],
  [2, ({ daemon }) => ask(daemon.socket, 'GET', '/api/v1/processes')],
  [2, ({ daemon }) => daemon.call('supervisor.startProcess', 'crash', false)],
  [1, reload],
  [2, addAndRemove],
  [4, killOne],
  [2, idleConnection],
  [1, ({ daemon }) => ask(daemon.socket, 'POST', '/RPC2', '<methodCall>'.repeat(2000))],
]
const SUM = ACTIONS.reduce((sum, [weight]) => sum + weight, 0)

/** Loads the daemon for that long; gives how many things were done. Failures of single requests are expected. */
export async function load(daemon: Daemon, random: Random, ms: number): Promise<number> {
  const scene: Scene = { daemon, random, idle: [] }
  const end = Date.now() + ms
  let done = 0
  const client = async (): Promise<void> => {
    while (Date.now() < end) {
      const name = daemon.steady[Math.floor(random() * daemon.steady.length)] ?? ''
      await choose(random)(scene, name).catch(() => {})
      done += 1
      await sleep(20)
    }
  }
  try {
    await Promise.all(Array.from({ length: 8 }, client))
  } finally {
    for (const socket of scene.idle) socket.destroy()
  }
  return done
}

function choose(random: Random): Action {
  let left = random() * SUM
  for (const [weight, action] of ACTIONS) {
    left -= weight
    if (left < 0) return action
  }
  return async () => {}
}

async function reload({ daemon }: Scene): Promise<void> {
  daemon.configure()
  daemon.signal('SIGHUP')
}

async function addAndRemove({ daemon, random }: Scene): Promise<void> {
  const path = `/api/v1/programs/added${Math.floor(random() * 5)}`
  await ask(daemon.socket, 'PUT', path, JSON.stringify({ command: '/bin/sleep 1000' }))
  await ask(daemon.socket, 'DELETE', path)
}

async function killOne({ daemon }: Scene, name: string): Promise<void> {
  const pid = (await daemon.programs()).find((one) => one.name === name)?.pid ?? 0
  // Below the daemon: a process of this soak test, not one that has the number by now.
  if (pid > 1 && daemon.pids().all.includes(pid)) process.kill(pid, 'SIGKILL')
}

async function idleConnection({ daemon, idle }: Scene): Promise<void> {
  if (idle.length >= IDLE) idle.shift()?.destroy()
  const socket = connect(daemon.socket)
  socket.on('error', () => {})
  idle.push(socket)
}
