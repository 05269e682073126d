// Server-sent events from the daemon, each with JSON as its data.

import { StringDecoder } from 'node:string_decoder'
import { onSignals } from '../../runtime/system/signals.ts'
import type { Client, Endpoint, Given } from './client.ts'

/** Hears a stream: `began` is called when the daemon sends it, and `take` for each event that follows. */
export interface Hearing {
  began?(): void
  take(event: unknown): void
}

/** Follows a stream until it ends or `stop` is aborted. Throws Unreachable and Refused. */
export async function hear<const E extends Endpoint>(
  client: Client,
  endpoint: E,
  given: Given<E>,
  { began, take }: Hearing,
  stop: AbortSignal,
): Promise<void> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let isFirst = true
  const read = (chunk: Buffer): void => {
    if (isFirst) began?.()
    isFirst = false
    const parts = (rest + decoder.write(chunk)).split('\n\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const data = /^data: (.*)$/m.exec(part)?.[1]
      if (data === undefined) continue
      const type = /^event: (.*)$/m.exec(part)?.[1]
      if (type === 'dropped') process.stderr.write(`${data}\n`)
      else if (type === 'gap') process.stderr.write(`${gapLine(data)}\n`)
      else if (type !== 'hello') take(JSON.parse(data))
    }
  }
  await client.follow(endpoint, given, read, stop)
}

function gapLine(data: string): string {
  const { lost } = JSON.parse(data) as { readonly lost: number | null }
  return `(${lost ?? 'some'} earlier events are no longer kept)`
}

/** Calls `work` with a signal that Ctrl-C and SIGTERM abort. */
export async function untilInterrupted(work: (stop: AbortSignal) => Promise<void>): Promise<void> {
  const interrupt = new AbortController()
  const undo = onSignals({ SIGINT: () => interrupt.abort(), SIGTERM: () => interrupt.abort() })
  try {
    await work(interrupt.signal)
  } catch (error) {
    if (!interrupt.signal.aborted) throw error
  } finally {
    undo()
  }
}
