// The output of programs: how fast it reaches a file, its cost, and whether clients still get answers.

import { spawn, type StdioOptions } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Peer } from '../peers.ts'
import { cpuSeconds, memoryMib } from '../proc.ts'
import { askForAll } from '../request.ts'
import { nowMs, type Running, sleep } from '../running.ts'
import { alternate, type Figures, type Scene, type Stage, withRunning } from '../scene.ts'
import { quantile } from '../statistics.ts'

/** Log throughput to a rotated file (50 MB, as all three do by default). */
export const throughput: Scene = {
  names: ['throughput'],
  peers: ['kahi', 'supervisord', 's6'],
  rows: ({ mib }) => [
    { id: 'throughput', title: `log of ${mib} MiB in 100-byte lines to a file`, unit: 'ms', goal: { ratio: 0.5 } },
    { id: 'throughput-cpu', title: "the supervisor's CPU for it", unit: 's', goal: { ratio: 0.5 } },
  ],
  async measure(stage, peers) {
    const samples = await alternate(stage, peers, `${stage.mib} MiB of log`, async (peer) => {
      const { ms, cpu } = await flood(stage, peer, stage.mib)
      return { throughput: ms, 'throughput-cpu': cpu }
    })
    const cat = await throughCat(stage)
    stage.note(
      `the same ${stage.mib} MiB without a supervisor: ${(await redirect(stage)).toFixed(0)} ms straight into a file, ` +
        `${cat.ms.toFixed(0)} ms and ${cat.cpu.toFixed(2)} s of CPU through a pipe into cat`,
    )
    return samples
  },
}

/** A flood that is larger than every buffer: memory must not grow. */
export const longFlood: Scene = {
  names: ['long-flood'],
  peers: ['kahi'],
  isLong: true,
  rows: () => [
    { id: 'long-flood', title: 'log of 4 GiB', unit: 'ms' },
    { id: 'long-flood-before', title: 'private memory before it', unit: 'MiB' },
    { id: 'long-flood-during', title: 'at most during it', unit: 'MiB' },
    { id: 'long-flood-after', title: 'after it', unit: 'MiB' },
  ],
  measure: (stage, peers) =>
    alternate({ ...stage, runs: 1 }, peers, '4 GiB of log', async (peer) => {
      const { ms, before, during, after } = await flood(stage, peer, 4096)
      return { 'long-flood': ms, 'long-flood-before': before, 'long-flood-during': during, 'long-flood-after': after }
    }),
}

/** Answers while one program writes without end. */
export const underFlood: Scene = {
  names: ['p99'],
  peers: ['kahi', 'supervisord'],
  rows: () => [
    { id: 'p99', title: 'p99 of a status request under flood, 10 programs', unit: 'ms', goal: { value: 50 } },
    { id: 'p99-median', title: 'its median', unit: 'ms' },
  ],
  measure: (stage, peers) => alternate(stage, peers, 'status under flood', (peer) => status(stage, peer)),
}

interface Flood {
  readonly ms: number
  readonly cpu: number
  readonly before: number
  readonly during: number
  readonly after: number
}

async function flood(stage: Stage, peer: Peer, mib: number): Promise<Flood> {
  const result = { ms: 0, cpu: 0, before: 0, during: 0, after: 0 }
  await withRunning(stage, peer, { programs: 1, flood: mib }, async (running) => {
    const [first] = await running.waitForMarks(1)
    await sleep(1000)
    const pids = running.supervisorPids()
    const cpu = cpuSeconds(pids)
    result.before = memoryMib(pids, 'Anonymous')
    const begun = nowMs()
    process.kill(first?.pid ?? Number.NaN, 'SIGUSR1')
    const done = running.waitForMarks(2)
    const watch = watchMemory(done, pids)
    result.ms = ((await done)[1]?.atMs ?? Number.NaN) - begun
    result.during = await watch
    await restOf(running)
    result.cpu = cpuSeconds(pids) - cpu
    result.after = memoryMib(pids, 'Anonymous')
  })
  return result
}

/** The most private memory until `done`, measured ten times a second. */
async function watchMemory(done: Promise<unknown>, pids: readonly number[]): Promise<number> {
  const state = { isDone: false }
  const finish = () => {
    state.isDone = true
  }
  done.then(finish, finish)
  let most = 0
  while (!state.isDone) {
    await sleep(100)
    most = Math.max(most, memoryMib(pids, 'Anonymous'))
  }
  return most
}

/** Resolves when the log files do not grow any more: then the pipe is empty. */
async function restOf(running: Running): Promise<void> {
  for (let before = -1, now = logBytes(running); now !== before; now = logBytes(running)) {
    before = now
    await sleep(100)
  }
}

function logBytes({ setup }: Running): number {
  const inFolder = (folder: string): number =>
    readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
      if (entry.isDirectory()) return entry.name.endsWith('-log') ? sum + inFolder(join(folder, entry.name)) : sum
      return /^s0000|^current$|^@/.test(entry.name) ? sum + sizeOf(join(folder, entry.name)) : sum
    }, 0)
  return inFolder(setup.folder)
}

/** The file may be rotated meanwhile. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** The same flood with a file as stdout: no supervisor can be faster. */
async function redirect(stage: Stage): Promise<number> {
  return unsupervised(stage, async (target, start) => {
    const { ms } = await start(['ignore', target, 'ignore'])
    return ms
  })
}

/** The same flood through a pipe into `cat`, which only reads and writes: no reader of a pipe can be faster. */
async function throughCat(stage: Stage): Promise<{ readonly ms: number; readonly cpu: number }> {
  return unsupervised(stage, async (target, start) => {
    const cat = spawn('cat', { stdio: ['pipe', target, 'ignore'] })
    const ended = new Promise((resolve) => cat.once('close', resolve))
    try {
      const { ms } = await start(['ignore', cat.stdin, 'ignore'])
      return { ms, cpu: cpuSeconds([cat.pid ?? Number.NaN]) }
    } finally {
      cat.kill('SIGKILL')
      await ended
    }
  })
}

/** Runs the service without a supervisor; `start` sets its streams and gives the time of the flood. */
async function unsupervised<Result>(
  { place, mib }: Stage,
  use: (target: number, start: (stdio: StdioOptions) => Promise<{ ms: number }>) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(place.folder, 'alone-'))
  const marks = join(folder, 'marks')
  writeFileSync(marks, '')
  const target = openSync(join(folder, 'log'), 'w')
  let end = async (): Promise<unknown> => undefined
  const start = async (stdio: StdioOptions): Promise<{ ms: number }> => {
    const child = spawn(place.service, [marks, 'alone', 'flood', String(mib)], { stdio })
    const ended = new Promise((resolve) => child.once('close', resolve))
    end = () => {
      child.kill('SIGKILL')
      return ended
    }
    await waitForLines(marks, 1)
    const begun = nowMs()
    child.kill('SIGUSR1')
    const [, done] = await waitForLines(marks, 2)
    return { ms: Number(done?.split(' ')[0]) / 1e6 - begun }
  }
  try {
    return await use(target, start)
  } finally {
    await end()
    closeSync(target)
    rmSync(folder, { recursive: true, force: true })
  }
}

async function waitForLines(file: string, count: number): Promise<string[]> {
  for (;;) {
    const lines = readFileSync(file, 'latin1').split('\n').slice(0, -1)
    if (lines.length >= count) return lines
    await sleep(4)
  }
}

async function status(stage: Stage, peer: Peer): Promise<Figures> {
  const took: number[] = []
  await withRunning(stage, peer, { programs: 10, flood: 'forever' }, async (running) => {
    const marks = await running.waitForMarks(10)
    await sleep(500)
    process.kill(marks.find(({ name }) => name === 's0000')?.pid ?? Number.NaN, 'SIGUSR1')
    await sleep(200)
    for (let time = 0; time < (stage.isQuick ? 150 : 400); time += 1) {
      took.push(await askForAll(peer.name, running.setup.socket, 10))
      await sleep(5)
    }
  })
  return { p99: quantile(took, 0.99), 'p99-median': quantile(took, 0.5) }
}
