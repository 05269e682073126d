// 100 programs: boot, memory, answers, restart after SIGKILL, shutdown; one start of the supervisor gives them all.

import { memoryMib } from '../proc.ts'
import type { Peer } from '../peers.ts'
import { askForAll } from '../request.ts'
import { nowMs, type Running, sleep } from '../running.ts'
import { alternate, type Figures, type Scene, type Stage, withRunning } from '../scene.ts'
import { quantile } from '../statistics.ts'

/** kahi collects its garbage one to two seconds after the last event. */
const REST_MS = 3000

/** Boot, memory, list, restart and shutdown at 100 programs. */
export const hundred: Scene = {
  names: ['boot', 'memory', 'list', 'restart', 'shutdown'],
  peers: ['kahi', 'supervisord', 's6'],
  rows: ({ programs }) => [
    { id: 'boot', title: `boot, ${programs} programs: exec to last one's own mark`, unit: 'ms', goal: { ratio: 0.2 } },
    { id: 'restart', title: 'restart after SIGKILL of a program that was up', unit: 'ms', goal: { ratio: 0.05 } },
    { id: 'shutdown', title: `shutdown, ${programs} programs`, unit: 'ms', goal: { ratio: 1 } },
    { id: 'memory', title: `private memory, ${programs} programs`, unit: 'MiB', goal: { ratio: 0.6 } },
    { id: 'memory-pss', title: 'PSS, likewise', unit: 'MiB', goal: { ratio: 1.8 } },
    { id: 'list', title: `GET /processes | getAllProcessInfo, ${programs}`, unit: 'ms', goal: { ratio: 0.3 } },
  ],
  measure: (stage, peers) => alternate(stage, peers, `${stage.programs} programs`, (peer) => run(stage, peer)),
}

async function run(stage: Stage, peer: Peer): Promise<Figures> {
  const { programs, isQuick } = stage
  const figures: Record<string, number> = {}
  figures.shutdown = await withRunning(stage, peer, { programs }, async (running) => {
    const marks = await running.waitForMarks(programs)
    figures.boot = Math.max(...marks.map(({ atMs }) => atMs)) - running.startedMs
    if (!['memory', 'list', 'restart', 'shutdown'].some(stage.wants)) return
    // Restarts are counted from a program that was up, and memory from a supervisor that has come to rest.
    await sleep(REST_MS)
    const pids = running.supervisorPids()
    figures.memory = memoryMib(pids, 'Anonymous')
    figures['memory-pss'] = memoryMib(pids, 'Pss')
    if (peer.name !== 's6' && stage.wants('list')) figures.list = await list(peer, running, programs, isQuick ? 10 : 30)
    if (stage.wants('restart')) figures.restart = await restart(running, programs, isQuick ? 2 : 5)
  })
  return figures
}

async function list(peer: Peer, running: Running, programs: number, times: number): Promise<number> {
  const took: number[] = []
  for (let time = 0; time < times; time += 1) took.push(await askForAll(peer.name, running.setup.socket, programs))
  return quantile(took, 0.5)
}

/** Kills some programs, each when the one before is back; the median time until a program's new mark. */
async function restart(running: Running, programs: number, times: number): Promise<number> {
  const took: number[] = []
  const marks = running.marks()
  for (const { pid } of marks.slice(0, Math.min(times, programs))) {
    const count = running.marks().length
    const begun = nowMs()
    process.kill(pid, 'SIGKILL')
    const next = (await running.waitForMarks(count + 1))[count]
    took.push((next?.atMs ?? Number.NaN) - begun)
  }
  return quantile(took, 0.5)
}
