// A signal for one process, because somebody asked for it.

import type { Shim } from '../shim/shim.ts'
import type { SignalOutcome } from './context.ts'

/** Sends it to the process, not to its group; a pid of 0 is nobody. Source: supervisor 4.2.5, signalProcess. */
export async function signalProcess(shim: Shim, pid: number, number: number): Promise<SignalOutcome> {
  if (pid === 0) return 'not-running'
  try {
    await shim.kill(pid, number, 'process')
    return 'signalled'
  } catch {
    return 'failed'
  }
}
