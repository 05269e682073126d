// Runs a check of a program once, within its time limit. A command that takes longer is killed with its group.

import type { ProcessSettings } from '../../../config/settings/process.ts'
import type { ServiceContext } from '../context.ts'
import { describeExit } from '../machine/exit-status.ts'
import { NO_OUTPUT, withCommand, withoutOutput } from './commands.ts'
import { look, type Probe } from './probes.ts'

/** A check, and the program that it is about. */
export interface CheckRun {
  readonly check: Probe
  /** Time limit, in seconds. */
  readonly timeout: number
  readonly settings: ProcessSettings
  readonly context: ServiceContext
  /** Aborted when the result is not needed any more. */
  readonly ended: AbortSignal
}

/** Gives undefined when the check succeeds, else what is missing. */
export async function checkOnce({ check, timeout, settings, context, ended }: CheckRun): Promise<string | undefined> {
  const limit = new AbortController()
  const stop = (): void => limit.abort()
  ended.addEventListener('abort', stop, { once: true })
  const timer = context.clock.after(timeout * 1000, stop)
  const { signal } = limit
  const run = async (command: string | readonly string[]): Promise<string | undefined> => {
    const asked = { settings: withoutOutput(withCommand(settings, command)), timeoutMs: 0, output: NO_OUTPUT }
    const end = await context.commands.run({ ...asked, abort: signal }, context)
    if (typeof end === 'string') return end
    return end.code === 0 ? undefined : describeExit(end)
  }
  try {
    return await look(check, { signal, run, wallMs: context.clock.wallMs() })
  } finally {
    timer.cancel()
    ended.removeEventListener('abort', stop)
  }
}
