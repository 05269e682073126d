// Sends a signal to one process on request of a client.

import type { Shim } from '../../shim/shim.ts'
import type { SignalOutcome } from '../context.ts'

/** The target of a signal: the process alone, or all of its group. */
export type SignalTarget = 'process' | 'group'

/** Sends a signal; with pid 0 there is no process. Source: supervisor 4.2.5, signalProcess. */
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
