// While a start or stop takes long: says on standard error who is waited for. Standard output stays what supervisorctl prints.

import { namespec } from '../../config/config.ts'
import type { ProcessObject } from '../../runtime/control/process-object.ts'
import { systemClock } from '../../runtime/system/clock.ts'
import type { Client } from './client.ts'

/** First after so long, then again and again. */
const REPORT_MS = 2000

/** Who may be waited for. */
export interface Awaited {
  isMeant(process: ProcessObject): boolean
  /** Also for those that are not up yet, not only for those that are not down. */
  readonly isStart: boolean
}

/** Waits for `work`; meanwhile names those among the meant processes that are still on their way. */
export async function namingWhoHangs<T>(client: Client, awaited: Awaited, work: Promise<T>): Promise<T> {
  const clock = systemClock()
  let isDone = false
  const report = async (): Promise<void> => {
    const processes = await client.get<ProcessObject[]>('/api/v1/processes')
    if (isDone) return
    for (const line of waits(processes, awaited)) process.stderr.write(`waiting for ${line}\n`)
    timer = next()
  }
  // A daemon that does not answer now will fail `work` too.
  const next = () => clock.after(REPORT_MS, () => void report().catch(() => {}))
  let timer = next()
  try {
    return await work
  } finally {
    isDone = true
    timer.cancel()
  }
}

/** A line for all that are waited for in the same way. */
function waits(processes: readonly ProcessObject[], { isMeant, isStart }: Awaited): readonly string[] {
  const names = new Map<string, string[]>()
  for (const one of processes.filter(isMeant)) {
    const what = one.state === 'STOPPING' ? 'to stop' : isStart ? missing(one) : undefined
    if (what !== undefined) names.set(what, [...(names.get(what) ?? []), namespec(one.group, one.name)])
  }
  return [...names].map(([what, list]) => `${list.join(', ')} ${what}`)
}

function missing({ state, ready, waiting_for: needs }: ProcessObject): string | undefined {
  if (needs.length > 0) return `to start, after ${needs.join(', ')}`
  if (state === 'STARTING' || state === 'BACKOFF') return 'to be up'
  return state === 'RUNNING' && ready === false ? 'to be ready' : undefined
}
