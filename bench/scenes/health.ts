// The cost of a health check: s6-svstat on a service of the real s6-svscan, kahi's command and the real one.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Peer } from '../peers.ts'
import { nowMs, Running } from '../running.ts'
import { programName } from '../setup.ts'
import type { Figures, Samples, Scene } from '../scene.ts'

const CALLS = 200

/** Calls of s6-svstat. */
export const health: Scene = {
  names: ['svstat'],
  peers: ['kahi', 's6'],
  rows: () => [
    { id: 'svstat', title: 's6-svstat -u: one call', unit: 'ms', goal: { ratio: 1.2 }, against: 's6' },
    { id: 'svstat-svc', title: 's6-svc: one call', unit: 'ms', goal: { ratio: 1.2 }, against: 's6' },
  ],
  async measure(stage, peers) {
    const supervisor = peers.find(({ name }) => name === 's6')
    const ours = join(stage.root, 'dist/kahi-s6')
    if (supervisor === undefined || !existsSync(ours)) {
      stage.note('s6-svstat: needs s6-svscan and dist/kahi-s6')
      return new Map()
    }
    return measureBoth(supervisor, ours, stage)
  },
}

async function measureBoth(supervisor: Peer, ours: string, stage: Parameters<Scene['measure']>[0]): Promise<Samples> {
  const samples = { kahi: [] as Figures[], s6: [] as Figures[] }
  const running = new Running(supervisor, stage.place, { programs: 1 })
  try {
    await running.waitForMarks(1)
    const service = join(running.setup.scan, programName(0))
    for (let run = 1; run <= stage.runs; run += 1) {
      stage.progress(`s6-svstat, run ${run} of ${stage.runs}`)
      samples.kahi.push(figures((name) => [ours, name], service))
      samples.s6.push(figures((name) => [name], service))
    }
    await running.stop()
  } finally {
    running.remove()
  }
  return new Map(Object.entries(samples)) as Samples
}

function figures(command: (name: string) => readonly string[], service: string): Figures {
  return {
    svstat: eachMs([...command('s6-svstat'), '-u', service]),
    'svstat-svc': eachMs([...command('s6-svc'), '-c', service]),
  }
}

function eachMs([program = '', ...words]: readonly string[]): number {
  const begun = nowMs()
  for (let call = 0; call < CALLS; call += 1)
    if (spawnSync(program, words, { stdio: 'ignore' }).status !== 0)
      throw new Error(`${program} ${words.join(' ')} failed`)
  return (nowMs() - begun) / CALLS
}
