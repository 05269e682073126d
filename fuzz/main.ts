// The fuzzer: gives nearly valid inputs to every reader of foreign input. The main thread and the worker threads begin
// here.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { helpText, type Options, parseOptions, UsageError } from './options.ts'
import { runTarget } from './run.ts'
import { targets } from './targets.ts'
import { tryInputs, type Work } from './worker.ts'

/** Fuzzes the checkout `root`; `file` is this program. Gives the exit code: 1 when an input has shown a bug. */
export async function main(argv: readonly string[], root: string, file: URL): Promise<number> {
  try {
    const options = parseOptions(argv, targets)
    if (options.help) process.stdout.write(helpText(targets))
    return options.help ? 0 : await fuzz(options, root, file)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`fuzz: ${error.message}\n`)
    return 2
  }
}

async function fuzz({ seed, seconds, only, keep }: Options, root: string, file: URL): Promise<number> {
  const chosen = targets.filter(({ name }) => only.length === 0 || only.includes(name))
  const able = chosen.filter(({ name, missing }) => {
    const reason = missing?.(root)
    if (reason !== undefined) process.stdout.write(`${name}: left out: ${reason}\n`)
    return reason === undefined
  })
  const ms = (seconds * 1000) / Math.max(1, able.length)
  let failed = 0
  for (const { name } of able) {
    const { inputs, accepted, longestMs, failure } = await runTarget(file, { target: name, root, seed, ms })
    process.stdout.write(`${name}: ${inputs} inputs, ${accepted} accepted, the longest took ${longestMs} ms\n`)
    if (failure === undefined) continue
    failed += 1
    mkdirSync(keep, { recursive: true })
    const kept = join(keep, `${name}-${seed}.json`)
    writeFileSync(kept, failure.input)
    process.stdout.write(`${name}: FAILED with seed ${seed}; the input is in ${kept}\n${failure.message}\n`)
  }
  process.stdout.write(`${able.length - failed} targets passed, ${failed} failed (seed ${seed})\n`)
  return failed === 0 ? 0 : 1
}

if (parentPort !== null) {
  const work = workerData as Work
  const found = targets.find(({ name }) => name === work.target)
  if (found !== undefined) parentPort.postMessage(await tryInputs(found, work))
}
