// kahi alone with large numbers: 1,000 programs, and one program that is started and stopped 10,000 times.

import type { Peer } from '../peers.ts'
import { descriptors, memoryMib, threads, tree, zombies } from '../proc.ts'
import { ask } from '../request.ts'
import { nowMs, type Running, sleep } from '../running.ts'
import { alternate, type Figures, type Scene, type Stage, withRunning } from '../scene.ts'
import { programName } from '../setup.ts'

const MANY = 1000
const CYCLES = 10_000

/** 1,000 programs: boot, restart of one, stop. */
export const thousand: Scene = {
  names: ['thousand'],
  peers: ['kahi'],
  rows: () => [
    { id: 'thousand', title: 'boot, 1,000 programs', unit: 'ms' },
    { id: 'thousand-restart', title: 'restart after SIGKILL among 1,000', unit: 'ms' },
    { id: 'thousand-stop', title: 'shutdown, 1,000 programs', unit: 'ms' },
  ],
  measure: (stage, peers) => alternate(stage, peers, '1,000 programs', (peer) => boot(stage, peer)),
}

/** 1,000 programs of a kahi.toml, without dependencies and with. */
export const graph: Scene = {
  names: ['graph'],
  peers: ['kahi'],
  rows: () => [
    { id: 'graph-flat', title: 'boot, 1,000 programs of a kahi.toml', unit: 'ms' },
    { id: 'graph', title: 'likewise, each needs up to three others', unit: 'ms' },
    { id: 'graph-ratio', title: 'its time over that without dependencies', unit: '', goal: { value: 2 } },
  ],
  measure: (stage, peers) =>
    alternate(stage, peers, '1,000 programs with dependencies', async (peer) => {
      const flat = await bootToml(stage, peer, () => [])
      const ordered = await bootToml(stage, peer, someBefore)
      return { 'graph-flat': flat, graph: ordered, 'graph-ratio': ordered / flat }
    }),
}

/** Numbers below `index`, spread so that chains are some dozens long. */
function someBefore(index: number): readonly number[] {
  return index === 0
    ? []
    : [...new Set([(index * 7919) % index, (index - 1) >> 1, index - 1 - ((index * 31) % Math.min(index, 50))])]
}

async function bootToml(stage: Stage, peer: Peer, needs: (index: number) => readonly number[]): Promise<number> {
  const daemon: Peer = { ...peer, command: (setup) => [peer.command(setup)[0], 'daemon', '-c', setup.toml] }
  let ms = Number.NaN
  await withRunning(stage, daemon, { programs: MANY, needs }, async (running) => {
    const marks = await running.waitForMarks(MANY)
    ms = Math.max(...marks.map(({ atMs }) => atMs)) - running.startedMs
  })
  return ms
}

/** 10,000 cycles over REST; the memory and descriptors of the daemon must not grow. */
export const cycles: Scene = {
  names: ['cycles'],
  peers: ['kahi'],
  isLong: true,
  rows: () => [
    { id: 'cycles', title: '10,000 starts and stops over REST: each', unit: 'ms' },
    { id: 'cycles-fds-first', title: 'open descriptors after the first 100', unit: '' },
    { id: 'cycles-fds-last', title: 'open descriptors after the last', unit: '' },
    { id: 'cycles-threads-first', title: 'threads after the first 100', unit: '' },
    { id: 'cycles-threads-last', title: 'threads after the last', unit: '' },
    { id: 'cycles-memory-first', title: 'private memory after the first 100', unit: 'MiB' },
    { id: 'cycles-memory-half', title: 'private memory after 5,000', unit: 'MiB' },
    { id: 'cycles-memory-last', title: 'private memory after the last', unit: 'MiB' },
    { id: 'cycles-zombies', title: 'zombies after the last', unit: '', goal: { value: 0 } },
  ],
  measure: (stage, peers) => alternate({ ...stage, runs: 1 }, peers, '10,000 cycles', (peer) => cycle(stage, peer)),
}

async function boot(stage: Stage, peer: Peer): Promise<Figures> {
  const figures: Record<string, number> = {}
  figures['thousand-stop'] = await withRunning(stage, peer, { programs: MANY }, async (running) => {
    const marks = await running.waitForMarks(MANY)
    figures.thousand = Math.max(...marks.map(({ atMs }) => atMs)) - running.startedMs
    await sleep(stage.isQuick ? 1500 : 2500)
    const begun = nowMs()
    process.kill(marks[0]?.pid ?? Number.NaN, 'SIGKILL')
    figures['thousand-restart'] = ((await running.waitForMarks(MANY + 1))[MANY]?.atMs ?? Number.NaN) - begun
  })
  return figures
}

async function cycle(stage: Stage, peer: Peer): Promise<Figures> {
  const figures: Record<string, number> = {}
  await withRunning(stage, peer, { programs: 1, autostart: false }, async (running) => {
    await waitForSocket(running)
    await repeat(running, 100)
    Object.assign(figures, measure(running, 'first'))
    const begun = nowMs()
    for (let done = 100; done < CYCLES; done += 100) {
      if (done === CYCLES / 2) figures['cycles-memory-half'] = memoryMib(running.supervisorPids(), 'Anonymous')
      if (done === 100 || done % 2000 === 0) stage.progress(`10,000 cycles: ${done} done`)
      await repeat(running, 100)
    }
    figures.cycles = (nowMs() - begun) / (CYCLES - 100)
    Object.assign(figures, measure(running, 'last'))
    figures['cycles-zombies'] = zombies(tree(running.pid)).length
  })
  return figures
}

function measure(running: Running, when: 'first' | 'last'): Figures {
  const pids = running.supervisorPids()
  return {
    [`cycles-fds-${when}`]: descriptors(pids),
    [`cycles-threads-${when}`]: threads(pids),
    [`cycles-memory-${when}`]: memoryMib(pids, 'Anonymous'),
  }
}

async function repeat({ setup }: Running, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    for (const verb of ['start', 'stop']) {
      const { status, body } = await ask(setup.socket, 'POST', `/api/v1/processes/${programName(0)}/${verb}?wait=true`)
      if (status !== 200) throw new Error(`${verb}: status ${status}: ${body}`)
    }
  }
}

/** No program is started, so there is no mark to wait for. */
async function waitForSocket({ setup }: Running): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await ask(setup.socket, 'GET', '/api/v1/version')
      return
    } catch (error) {
      if (attempt === 500) throw error
      await sleep(20)
    }
  }
}
