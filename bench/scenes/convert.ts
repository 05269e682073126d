// Converting all supervisord fixtures in one process, as `kahi migrate` does it: reading, mapping, checking, writing; and the
// corpus of real files, where it lies beside the checkout.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ConfigError } from '../../config/model/diagnostic.ts'
import { resolveDocument } from '../../config/resolve/resolve.ts'
import { writeDocument } from '../../config/toml/write.ts'
import { identify } from '../../converter/identify.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { nowMs } from '../running.ts'
import type { Figures, Samples, Scene, Stage } from '../scene.ts'

/** Variables that the fixtures use. */
const ENVIRONMENT = { HOME: '/root', PORT: '80', FLAG: 'off' }
const PASSES = 20
const CORPUS_PASSES = 5

/** Conversion of the fixtures. */
export const conversion: Scene = {
  names: ['convert'],
  peers: ['kahi'],
  rows: () => [
    { id: 'convert', title: 'converting all fixtures in one process: a file', unit: 'ms' },
    { id: 'convert-first', title: 'likewise, first pass in that process', unit: 'ms' },
    { id: 'convert-corpus', title: 'converting a corpus of real files: a file', unit: 'ms', goal: { value: 10 } },
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
  return [{ 'convert-first': first }, ...later, ...corpusPasses(root, note)]
}

function corpusPasses(root: string, note: Stage['note']): Figures[] {
  const folder = join(root, '../shared/corpus/supervisord')
  if (!existsSync(folder)) {
    note('converting: there is no corpus beside the checkout')
    return []
  }
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.conf'))
    .map((name) => join(folder, name))
  const used = files.flatMap((file) => [...readFileSync(file, 'latin1').matchAll(/%\(ENV_(\w+)\)/g)])
  const environment = { ...Object.fromEntries(used.map(([, name = '']) => [name, '80'])), ...ENVIRONMENT }
  const runs = Array.from({ length: CORPUS_PASSES }, () => pass(files, environment))
  note(`converting: ${runs[0]?.converted} of ${files.length} files of the corpus, ${CORPUS_PASSES} passes`)
  return runs.map(({ ms }) => ({ 'convert-corpus': ms }))
}

function pass(
  files: readonly string[],
  environment: Readonly<Record<string, string>> = ENVIRONMENT,
): { readonly converted: number; readonly ms: number } {
  const machine = { ...thisMachine(), environment }
  const begun = nowMs()
  const converted = files.filter((file) => {
    try {
      const { document } = identify(file).convert(machine)
      resolveDocument(document, machine, { assumeImage: true })
      return writeDocument(document) !== ''
    } catch (error) {
      if (error instanceof ConfigError) return false
      throw error
    }
  }).length
  return { converted, ms: (nowMs() - begun) / Math.max(files.length, 1) }
}
