// Tries the inputs of one target in a thread, so that an input which hangs or uses all memory can be ended.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Target, Verdict } from './target.ts'

/** The work of a thread. `now` and `text` are shared with the main thread. */
export interface Work {
  readonly target: string
  readonly root: string
  readonly seed: number
  readonly ms: number
  /** Clock time in milliseconds at which the current input was begun; 0 between two inputs. */
  readonly now: SharedArrayBuffer
  /** The current input as JSON, cut to the size of the buffer; its length in bytes comes first. */
  readonly text: SharedArrayBuffer
}

/** The result of a thread. */
export interface Result {
  readonly inputs: number
  readonly accepted: number
  readonly longestMs: number
  readonly failure?: { readonly message: string; readonly input: string }
}

/** Runs until the time is over or an input fails. A failing input is reduced first. */
export async function tryInputs(target: Target<unknown>, work: Work): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'kahi-fuzz-'))
  const attack = await target.open({ root: work.root, folder })
  const watch = new Watch(work)
  const counts = { inputs: 0, accepted: 0, longestMs: 0 }
  try {
    const property = fc.asyncProperty(target.inputs(work.root), async (input) => {
      const begun = watch.begin(input)
      const verdict: Verdict = await attack.check(input)
      counts.longestMs = Math.max(counts.longestMs, watch.end(begun))
      counts.inputs += 1
      if (verdict === 'accepted') counts.accepted += 1
    })
    const limits = { seed: work.seed, numRuns: 1e9, interruptAfterTimeLimit: work.ms }
    const found = await fc.check(property, { ...limits, endOnFailure: false })
    if (!found.failed || found.counterexample === null) return counts
    const message =
      found.errorInstance instanceof Error ? (found.errorInstance.stack ?? '') : String(found.errorInstance)
    return { ...counts, failure: { message, input: JSON.stringify(found.counterexample[0]) } }
  } finally {
    await attack.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Reports the current input to the main thread. */
class Watch {
  readonly #now: BigInt64Array
  readonly #length: Uint32Array
  readonly #text: Uint8Array

  constructor({ now, text }: Work) {
    this.#now = new BigInt64Array(now)
    this.#length = new Uint32Array(text, 0, 1)
    this.#text = new Uint8Array(text, 4)
  }

  begin(input: unknown): number {
    const { written } = new TextEncoder().encodeInto(JSON.stringify(input), this.#text)
    this.#length[0] = written
    const begun = Date.now()
    Atomics.store(this.#now, 0, BigInt(begun))
    return begun
  }

  end(begun: number): number {
    Atomics.store(this.#now, 0, 0n)
    return Date.now() - begun
  }
}
