// Converting all supervisord fixtures in one process, as `kahi migrate` does it: reading, mapping, checking, writing.

import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ConfigError } from '../../config/diagnostic.ts'
import { resolveDocument } from '../../config/resolve.ts'
import { writeDocument } from '../../config/write.ts'
import { convert } from '../../converter/convert.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { nowMs } from '../running.ts'
import type { Figures, Samples, Scene, Stage } from '../scene.ts'

/** Variables that the fixtures use. */
const ENVIRONMENT = { HOME: '/root', PORT: '80', FLAG: 'off' }
const PASSES = 20

/** Conversion of the fixtures. */
export const conversion: Scene = {
  names: ['convert'],
  peers: ['kahi'],
  rows: () => [
    { id: 'convert', title: 'converting all fixtures in one process: a file', unit: 'ms' },
    { id: 'convert-first', title: 'likewise, first pass in that process', unit: 'ms' },
  ],
  async measure(stage) {
    stage.progress('converting the fixtures')
    return new Map([['kahi', passes(stage)]]) satisfies Samples
  },
}

function passes({ root, note }: Stage): Figures[] {
  const files = readdirSync(join(root, 'fixtures'), { recursive: true, encoding: 'utf8' })
    .filter((path) => basename(path) === 'supervisord.conf')
    .map((path) => join(root, 'fixtures', path))
  const { converted, ms: first } = pass(files)
  note(`converting: ${converted} of ${files.length} supervisord.conf files below fixtures/, ${PASSES} passes`)
  const later = Array.from({ length: PASSES }, () => ({ convert: pass(files).ms }))
  return [{ 'convert-first': first }, ...later]
}

function pass(files: readonly string[]): { readonly converted: number; readonly ms: number } {
  const machine = { ...thisMachine(), environment: ENVIRONMENT }
  const begun = nowMs()
  const converted = files.filter((file) => {
    try {
      const { document } = convert(file, machine)
      resolveDocument(document, machine, { assumeImage: true })
      return writeDocument(document) !== ''
    } catch (error) {
      if (error instanceof ConfigError) return false
      throw error
    }
  }).length
  return { converted, ms: (nowMs() - begun) / Math.max(files.length, 1) }
}
