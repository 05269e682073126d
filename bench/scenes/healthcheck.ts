// A health check as a container runs it every few seconds: one call of a command that asks the daemon whether its programs run.
// kahi's needs no Node.js; supervisor's is `supervisorctl status` in Python.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { nowMs, type Running } from '../running.ts'
import { alternate, type Figures, type Scene, type Stage, withRunning } from '../scene.ts'
import { quantile } from '../statistics.ts'
import type { Peer } from '../peers.ts'

const [CALLS, QUICK_CALLS] = [50, 5]

/** `kahi healthcheck` and `kahi ctl status` beside `supervisorctl status`. */
export const healthcheck: Scene = {
  names: ['healthcheck', 'status'],
  peers: ['kahi', 'supervisord'],
  rows: () => [
    { id: 'healthcheck', title: 'kahi healthcheck | supervisorctl status: one call', unit: 'ms', goal: { value: 10 } },
    { id: 'status', title: 'kahi ctl status | supervisorctl status: one call', unit: 'ms', goal: { ratio: 0.6 } },
  ],
  measure: (stage, peers) => alternate(stage, peers, 'health check', (peer) => run(stage, peer)),
}

async function run(stage: Stage, peer: Peer): Promise<Figures> {
  const programs = 3
  const figures: Record<string, number> = {}
  await withRunning(stage, peer, { programs }, async (running) => {
    await running.waitForMarks(programs)
    for (const id of healthcheck.names)
      if (stage.wants(id)) figures[id] = eachMs(stage, commandOf(id, stage, peer, running))
  })
  return figures
}

/** The median of the calls of a command. */
function eachMs({ isQuick }: Stage, [program, ...words]: readonly [string, ...string[]]): number {
  const took = Array.from({ length: isQuick ? QUICK_CALLS : CALLS }, () => {
    const begun = nowMs()
    const { status, stderr } = spawnSync(program, words, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${stderr}`)
    return nowMs() - begun
  })
  return quantile(took, 0.5)
}

function commandOf(id: string, { root }: Stage, { name }: Peer, { setup }: Running): readonly [string, ...string[]] {
  if (name !== 'kahi') return ['supervisorctl', '-s', `unix://${setup.socket}`, 'status']
  return [join(root, 'dist/kahi'), ...(id === 'status' ? ['ctl', 'status'] : ['healthcheck']), '-s', setup.socket]
}
