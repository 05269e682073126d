// Runs the real s6-rc-compile on the trees that kahi refuses or warns about.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { oneshot, plant, refused, warned } from '../converter/s6-rc/trees.ts'

const hasCompiler = spawnSync('s6-rc-compile', ['--help']).error === undefined

function compile(root: string): boolean {
  return spawnSync('s6-rc-compile', [join(root, '../compiled'), root]).status === 0
}

test.skipIf(!hasCompiler)('s6-rc-compile refuses what kahi refuses (skipped without s6-rc)', () => {
  for (const [name, files] of refused) expect(compile(plant(files)), name).toBe(false)
})

test.skipIf(!hasCompiler)('s6-rc-compile takes what kahi only warns of (skipped without s6-rc)', () => {
  for (const [name, files] of warned) {
    const base = { ...oneshot('base') }
    expect(compile(plant({ ...files, ...base })), name).toBe(true)
  }
})
