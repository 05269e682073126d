// The lines of a log as server-sent events. An id names the place in the log after the line: the daemon process, and the number
// of bytes that it has seen. After a lost connection the reader gets what came meanwhile, as far as the log still has it.

import { lastLines } from '../../system/last-lines.ts'
import { MOST_LINES } from '../operations/log-lines.ts'
import type { Clock, StreamLog } from '../operations/supervised.ts'
import type { StreamAnswer } from '../http/stream.ts'
import { type ServerEvent, serverEvents } from './server-events.ts'

/** A longer line is sent in pieces. */
const LINE_LIMIT_BYTES = 64 * 1024
/** No more than this is repeated after a lost connection. */
const RESUME_LIMIT_BYTES = 1024 * 1024
const NEWLINE = 0x0a
const SLICE_BYTES = 8 * 1024

/** Places of another daemon process are of no use. */
const PROCESS = Math.round(performance.timeOrigin).toString(36)

/** How a reader begins: after the last line that it got, or with so many bytes of the existing log. */
export interface Beginning {
  readonly lastId: string
  readonly backlog: number
}

/** The stream of a log. */
export function streamLines(clock: Clock, log: StreamLog, { lastId, backlog }: Beginning): StreamAnswer {
  return serverEvents(clock, {
    isContinued: true,
    begin(send) {
      const now = log.output?.loggedBytes
      const { missed, lost } = missedSince(lastId, log, now)
      const wanted = Math.min(missed ?? backlog, RESUME_LIMIT_BYTES)
      const existing = lastLines(wanted > 0 ? log.tail(wanted) : Buffer.alloc(0), MOST_LINES)
      const gap = lost === null || missed === undefined ? lost : lost + Math.max(0, missed - existing.length)
      if (gap !== 0) send([{ event: 'gap', data: JSON.stringify({ lost: gap }) }])
      const lines = new Lines(now === undefined ? undefined : now - existing.length)
      // in slices: short lines make long events, and a reader that is cut off needs no more of them
      const give = (chunk: Buffer): void => {
        for (let from = 0; from < chunk.length; from += SLICE_BYTES) {
          const events = lines.push(chunk.subarray(from, from + SLICE_BYTES))
          if (events.length > 0 && !send(events)) return
        }
      }
      const first = lines.push(existing)
      if (first.length > 0) send(first)
      return log.follow(give)
    },
  })
}

/**
 * How many bytes a reader has missed, and how many of them the log does not have any more: null where that is not known.
 * `missed` is undefined for a new reader.
 */
function missedSince(
  lastId: string,
  log: StreamLog,
  now: number | undefined,
): { readonly missed?: number; readonly lost: number | null } {
  if (lastId === '') return { lost: 0 }
  const [, process, place = ''] = /^(\w+)-(\d+)$/.exec(lastId) ?? []
  if (process !== PROCESS || now === undefined || Number(place) > now) return { lost: null }
  const missed = now - Number(place)
  const kept = Math.min(missed, log.size() ?? 0, RESUME_LIMIT_BYTES)
  return { missed: kept, lost: missed - kept }
}

/** Cuts chunks into lines. The last line is kept until it is complete. */
class Lines {
  #rest: Buffer = Buffer.alloc(0)
  #place: number | undefined

  constructor(place: number | undefined) {
    this.#place = place
  }

  push(chunk: Buffer): readonly ServerEvent[] {
    const bytes = Buffer.concat([this.#rest, chunk])
    const events: ServerEvent[] = []
    let begin = 0
    for (;;) {
      const end = bytes.indexOf(NEWLINE, begin)
      const next = end < 0 ? cutLong(bytes, begin) : end + 1
      if (next === undefined) break
      events.push(this.#event(bytes.subarray(begin, end < 0 ? next : end), next - begin))
      begin = next
    }
    this.#rest = Buffer.from(bytes.subarray(begin))
    return events
  }

  #event(line: Buffer, length: number): ServerEvent {
    if (this.#place !== undefined) this.#place += length
    const id = this.#place === undefined ? undefined : `${PROCESS}-${this.#place}`
    // a carriage return would end the field for the reader
    return { id, data: line.toString('utf8').replaceAll('\r', '') }
  }
}

/** The end of a piece of a line that is too long, before a character that is not complete; undefined for a short line. */
function cutLong(bytes: Buffer, begin: number): number | undefined {
  if (bytes.length - begin <= LINE_LIMIT_BYTES) return undefined
  let end = begin + LINE_LIMIT_BYTES
  while (end > begin + 1 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return end
}
