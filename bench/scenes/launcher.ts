// The cost of the launcher: from the call of kahi until Node.js would be executed. A program that does nothing takes the place of
// Node.js, so both launchers are measured and not Node.js: the native one, and the script that starts kahi without a compiler.

import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nowMs } from '../running.ts'
import type { Figures, Scene } from '../scene.ts'

const CALLS = 200
const NOTHING = '/bin/true'

/** Calls of `kahi check FILE`. */
export const launcher: Scene = {
  names: ['launcher'],
  peers: ['kahi'],
  rows: () => [
    { id: 'launcher', title: 'launcher: a call of kahi until Node.js is executed', unit: 'ms' },
    { id: 'launcher-script', title: 'likewise, by the script for sh', unit: 'ms' },
    {
      id: 'launcher-ratio',
      title: 'time of the native launcher over that of the script',
      unit: '',
      goal: { value: 1 },
    },
  ],
  async measure(stage) {
    const folder = join(stage.place.folder, 'launcher')
    if (!existsSync(join(stage.root, 'dist/kahi-shim'))) {
      stage.note('launcher: there is no native one, no C compiler built it')
      return new Map()
    }
    mkdirSync(folder)
    copyFileSync(join(stage.root, 'dist/kahi'), join(folder, 'kahi'))
    copyFileSync(join(stage.root, 'cli/launcher/kahi.sh'), join(folder, 'script'))
    writeFileSync(join(folder, 'kahi.js'), '')
    const samples: Figures[] = []
    for (let run = 1; run <= stage.runs; run += 1) {
      stage.progress(`launcher, run ${run} of ${stage.runs}`)
      const [native, script] = [eachMs(join(folder, 'kahi')), eachMs(join(folder, 'script'))]
      samples.push({ launcher: native, 'launcher-script': script, 'launcher-ratio': native / script })
    }
    return new Map([['kahi', samples]])
  },
}

function eachMs(program: string): number {
  const begun = nowMs()
  for (let call = 0; call < CALLS; call += 1)
    if (
      spawnSync(program, ['check', 'x'], { stdio: 'ignore', env: { ...process.env, KAHI_NODE: NOTHING } }).status !== 0
    )
      throw new Error(`${program} failed`)
  return (nowMs() - begun) / CALLS
}
