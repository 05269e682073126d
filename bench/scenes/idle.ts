// The work of an idle supervisor: context switches per second of all its processes, in the first minute (in which
// Node.js cleans up) and after it. All runs of all supervisors are idle at the same time, because otherwise this would
// take hours.

import { contextSwitches } from '../proc.ts'
import type { Peer, PeerName } from '../peers.ts'
import { nowMs, Running, sleep } from '../running.ts'
import type { Figures, Samples, Scene, Stage } from '../scene.ts'

/** Idle context switches. */
export const idle: Scene = {
  names: ['idle'],
  peers: ['kahi', 'supervisord', 's6'],
  isSlow: true,
  rows: ({ programs }) => [
    {
      id: 'idle',
      title: `idle context switches, ${programs} programs, from the second minute`,
      unit: '/s',
      goal: { value: 0.1 },
    },
    { id: 'idle-first', title: 'likewise, seconds 5 to 60', unit: '/s' },
  ],
  async measure(stage, peers) {
    const samples = new Map<PeerName, Figures[]>(peers.map(({ name }) => [name, []]))
    const watches: Promise<void>[] = []
    for (let run = 1; run <= stage.runs; run += 1) {
      for (const peer of peers) {
        stage.progress(`idle: starting ${peer.name}, run ${run} of ${stage.runs}`)
        const running = new Running(peer, stage.place, { programs: stage.programs })
        await running.waitForMarks(stage.programs)
        watches.push(watch(stage, peer, running, samples.get(peer.name)))
      }
    }
    stage.progress('idle: watching for 92 seconds')
    await Promise.all(watches)
    return samples satisfies Samples
  },
}

async function watch(stage: Stage, peer: Peer, running: Running, into: Figures[] | undefined): Promise<void> {
  try {
    into?.push(await figures(running))
    await running.stop()
  } catch (error) {
    stage.note(`idle: a run of ${peer.name} failed: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    running.remove()
  }
}

async function figures(running: Running): Promise<Figures> {
  await sleep(5_000)
  const pids = running.supervisorPids()
  const first = await perSecond(pids, 55_000)
  await sleep(2_000)
  return { 'idle-first': first, idle: await perSecond(pids, 30_000) }
}

async function perSecond(pids: readonly number[], ms: number): Promise<number> {
  const begun = nowMs()
  const before = contextSwitches(pids)
  await sleep(ms)
  return (contextSwitches(pids) - before) / ((nowMs() - begun) / 1000)
}
