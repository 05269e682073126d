// The files of a release of this checkout. The first test that needs them makes them, once in a run of all tests.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { compilerFor, PROCESSORS, type Processor } from '../../tools/cross.ts'
import { nodeLibraries, privateNode } from '../../tools/release/fetch.ts'
import { root } from './kahi.ts'

const processors = Object.keys(PROCESSORS) as Processor[]

/** The reason why this machine cannot make a release; undefined when it can. The first call downloads Node.js and C libraries. */
export function whyNoRelease(): string | undefined {
  const missing = processors.map(compilerFor).find((one) => typeof one === 'string')
  if (typeof missing === 'string') return missing
  try {
    for (const processor of processors) [privateNode(processor), nodeLibraries(processor)]
    return undefined
  } catch (error) {
    return `Node.js or the C libraries of others cannot be fetched: ${String(error)}`
  }
}

/** Runs `npm run release`. */
export async function makeRelease(folder: string): Promise<void> {
  const words = [join(root, 'tools/run.mjs'), 'tools/release/main.ts', '--out', folder]
  await promisify(execFile)(process.execPath, words, { cwd: root })
}

/** The folder with the files. Several files of tests may ask at once: one makes them, the others wait for its lock. */
export async function released(): Promise<string> {
  const folder = join(process.env.TEST_FOLDER ?? '', 'release')
  const make = [process.execPath, join(root, 'tools/run.mjs'), 'tools/release/main.ts', '--out', folder]
  const once = '[ -e "$0.failed" ] && exit 1; [ -e "$0" ] || "$@" || { touch "$0.failed"; exit 1; }'
  await promisify(execFile)('flock', [`${folder}.lock`, 'sh', '-c', once, folder, ...make], { cwd: root })
  return folder
}
