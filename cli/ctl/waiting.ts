// While a stop takes long: says on standard error who is not down yet. Standard output stays what supervisorctl prints.

import { namespec } from '../../config/config.ts'
import type { ProcessObject } from '../../runtime/control/process-object.ts'
import { systemClock } from '../../runtime/system/clock.ts'
import type { Client } from './client.ts'

/** First after so long, then again and again. */
const REPORT_MS = 2000

/** Waits for `work`; meanwhile names those among the meant processes that are still stopping. */
export async function namingWhoHangs<T>(
  client: Client,
  isMeant: (process: ProcessObject) => boolean,
  work: Promise<T>,
): Promise<T> {
  const clock = systemClock()
  let isDone = false
  const report = async (): Promise<void> => {
    const processes = await client.get<ProcessObject[]>('/api/v1/processes')
    const names = processes
      .filter((process) => process.state === 'STOPPING' && isMeant(process))
      .map(({ group, name }) => namespec(group, name))
    if (isDone) return
    if (names.length > 0) process.stderr.write(`waiting for ${names.join(', ')} to stop\n`)
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
