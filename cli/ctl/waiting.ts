// While a start or stop takes long, prints on standard error which processes are waited for. Standard output stays that
// of supervisorctl.

import { namespec } from '../../config/model/names.ts'
import type { ProcessObject } from '../../runtime/control/operations/shapes/process.ts'
import { systemClock } from '../../runtime/system/clock.ts'
import type { Client } from './client.ts'
import { endsOf } from './status-lines.ts'

/** Time until the first line, and between two lines. */
const REPORT_MS = 2000

/** The processes of a request. */
export interface Awaited {
  isMeant(process: ProcessObject): boolean
  /** True: waits until they are up. False: waits until they are down. */
  readonly isStart: boolean
}

/** Waits for `work`, and meanwhile names the processes of the request that are not done yet. */
export async function namingWhoHangs<T>(client: Client, awaited: Awaited, work: Promise<T>): Promise<T> {
  const clock = systemClock()
  let isDone = false
  let known = new Set<string>()
  const report = async (): Promise<void> => {
    const processes = await client.call('GET /api/v1/processes')
    if (isDone) return
    const lines = waits(processes, awaited)
    for (const line of lines) if (!known.has(wordsOf(line))) process.stderr.write(`waiting for ${line}\n`)
    known = new Set(lines.map(wordsOf))
    timer = next()
  }
  // When the daemon does not answer now, `work` will fail too.
  const next = () => clock.after(REPORT_MS, () => void report().catch(() => {}))
  let timer = next()
  try {
    return await work
  } finally {
    isDone = true
    timer.cancel()
  }
}

/** One line for all processes that are waited for in the same way. */
function waits(processes: readonly ProcessObject[], { isMeant, isStart }: Awaited): readonly string[] {
  const names = new Map<string, string[]>()
  for (const one of processes.filter(isMeant)) {
    const what = one.state === 'STOPPING' ? 'to stop' : isStart ? missing(one) : undefined
    if (what !== undefined) names.set(what, [...(names.get(what) ?? []), namespec(one.group, one.name)])
  }
  return [...names].map(([what, list]) => `${list.join(', ')} ${what}`)
}

function missing(one: ProcessObject): string | undefined {
  const { state, ready, waiting_for: needs } = one
  if (needs.length > 0) return `to start, after ${needs.join(', ')}`
  if (state === 'STARTING' || state === 'BACKOFF') return withReason('to be up', one)
  return state === 'RUNNING' && ready === false ? withReason('to be ready', one) : undefined
}

/** A line without its numbers: the same words are not said again. */
function wordsOf(line: string): string {
  return line.replaceAll(/\d+/g, '')
}

/** With the reason of the last failure, or how often the process has ended. */
function withReason(what: string, one: ProcessObject): string {
  const missing = /, (not ready: .*)$/.exec(one.description)?.[1]
  const reason = one.state === 'BACKOFF' ? one.description : (missing ?? endsOf(one))
  return reason === '' ? what : `${what} (${reason})`
}
