// Runs one target in a thread and watches it.

import { Worker } from 'node:worker_threads'
import type { Result, Work } from './worker.ts'

/** The longest time for one input. A slow machine needs less; only an input that hangs takes longer. */
const INPUT_MS = 20_000
const LOOK_MS = 500
const TEXT_BYTES = 1 << 20
const HEAP_MIB = 768

/** Gives the result of the thread. An input that hangs or uses all memory is a failure too. */
export function runTarget(file: URL, { target, root, seed, ms }: Omit<Work, 'now' | 'text'>): Promise<Result> {
  const now = new SharedArrayBuffer(8)
  const text = new SharedArrayBuffer(TEXT_BYTES)
  const workerData: Work = { target, root, seed, ms, now, text }
  const worker = new Worker(file, { workerData, resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB } })
  return new Promise((resolve) => {
    const finish = (result: Result): void => {
      clearInterval(watch)
      void worker.terminate().then(() => resolve(result))
    }
    const fail = (message: string): void =>
      finish({ inputs: 0, accepted: 0, longestMs: 0, failure: { message, input: inputIn(text) } })
    const watch = setInterval(() => {
      const begun = Number(Atomics.load(new BigInt64Array(now), 0))
      if (begun !== 0 && Date.now() - begun > INPUT_MS) fail(`no answer within ${INPUT_MS / 1000} s`)
    }, LOOK_MS)
    worker.once('message', finish)
    worker.once('error', (error) => fail(error.stack ?? error.message))
  })
}

function inputIn(text: SharedArrayBuffer): string {
  const length = new Uint32Array(text, 0, 1)[0] ?? 0
  return new TextDecoder().decode(new Uint8Array(text, 4, length).slice())
}
