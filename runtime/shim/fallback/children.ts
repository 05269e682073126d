// Waits for the end of processes, for the fallback.

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

const CLOSE_MS = 2000

/** Resolves when all have ended, or after a short time when one does not end. */
export async function allEnded(children: readonly ChildProcess[]): Promise<void> {
  const deadline = AbortSignal.timeout(CLOSE_MS)
  const ends = children.filter(isAlive).map((child) => once(child, 'exit', { signal: deadline }))
  await Promise.allSettled(ends)
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}
