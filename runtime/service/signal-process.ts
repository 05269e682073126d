// A signal for one process, because somebody asked for it.

import type { Shim } from '../shim/shim.ts'
import type { SignalOutcome } from './context.ts'

/** Whom a signal is for: the process alone, or all of its group. */
export type SignalTarget = 'process' | 'group'

/** Sends it; a pid of 0 is nobody. Source: supervisor 4.2.5, signalProcess. */
export async function signalProcess(
  shim: Shim,
  pid: number,
  number: number,
  target: SignalTarget = 'process',
): Promise<SignalOutcome> {
  if (pid === 0) return 'not-running'
  try {
    await shim.kill(pid, number, target)
    return 'signalled'
  } catch {
    return 'failed'
  }
}
