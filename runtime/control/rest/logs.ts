// Rows for the output of processes: lines of several processes, the end of a log, and streams. A stream is sent as
// server-sent events, one for each line; that of one log is sent as plain bytes with `Accept: text/plain`.

import { StringDecoder } from 'node:string_decoder'
import * as v from 'valibot'
import { ControlError } from '../operations/errors.ts'
import { clearLog, followLog, LOG_LIMIT_BYTES, readLog } from '../operations/logs.ts'
import { followLines, logLines } from '../operations/log-lines.ts'
import { LogLineShape } from '../operations/shapes/log-line.ts'
import { ProcessOutcome } from '../operations/shapes/process.ts'
import { listOf } from '../operations/shapes/words.ts'
import { queryEventNumber, queryTexts, queryWhole } from './query.ts'
import { type Call, pathPart, row } from './row.ts'

const DEFAULT_BYTES = 1600
const BACKLOG_LIMIT_BYTES = 1024 * 1024
const DEFAULT_LINES_BYTES = 64 * 1024
/** A longer line is sent in pieces. */
const LINE_LIMIT = 64 * 1024

const LINES = v.strictObject({
  processes: queryTexts('Only these processes, and groups as `group:*`, with commas between them'),
  bytes: queryWhole(DEFAULT_LINES_BYTES, BACKLOG_LIMIT_BYTES, 'How much of the end of each log is read, in bytes'),
  since: queryEventNumber('Only lines since this time, in milliseconds since the epoch'),
})

/** Rows for logs. */
export const logRows = {
  'GET /api/v1/logs': row({
    access: 'read',
    operation: logLines,
    query: LINES,
    answer: listOf(LogLineShape, 'The oldest first'),
    run: async (call) => [...(await logLines.run(call.controlled, linesOf(call)))],
  }),
  'GET /api/v1/logs/stream': row({
    access: 'read',
    operation: followLines,
    query: LINES,
    answer: 'stream',
    run: async (call) => {
      const feed = await followLines.run(call.controlled, linesOf(call))
      return {
        contentType: 'text/event-stream',
        begin: (write) => {
          write(': lines follow\n\n')
          return feed.begin((line) => write(`data: ${JSON.stringify(line)}\n\n`))
        },
      }
    },
  }),
  'DELETE /api/v1/processes/{name}/log': row({
    access: 'control',
    operation: clearLog,
    answer: ProcessOutcome,
    run: async (call) => clearLog.run(call.controlled, { name: pathPart(call, 'name') }),
  }),
  'GET /api/v1/processes/{name}/log/{stream}': row({
    access: 'read',
    operation: readLog,
    query: v.strictObject({
      length: queryWhole(DEFAULT_BYTES, LOG_LIMIT_BYTES, 'How many bytes from the end; 0: all, up to 16 MiB'),
    }),
    answer: 'text',
    run: async (call) =>
      readLog.run(call.controlled, { ...streamOf(call), length: call.query.length, room: call.room }),
  }),
  'GET /api/v1/processes/{name}/log/{stream}/stream': row({
    access: 'read',
    operation: followLog,
    query: v.strictObject({
      backlog: queryWhole(0, BACKLOG_LIMIT_BYTES, 'How many bytes of the existing log are sent first'),
    }),
    answer: 'stream',
    run: async (call) => {
      const log = await followLog.run(call.controlled, streamOf(call))
      const { backlog } = call.query
      const isPlain = call.accept.includes('text/plain')
      return {
        contentType: isPlain ? 'text/plain; charset=utf-8' : 'text/event-stream',
        begin(write) {
          const give = isPlain ? write : lineEvents(write)
          if (backlog > 0) give(log.tail(backlog))
          return log.follow(give)
        },
      }
    },
  }),
}

/** Sends chunks as `data: LINE` events. A line is sent when it is complete. */
function lineEvents(write: (text: string) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return (chunk) => {
    const text = rest + decoder.write(chunk)
    const last = text.lastIndexOf('\n')
    const isLong = text.length - last - 1 > LINE_LIMIT
    const lines = isLong ? text : text.slice(0, Math.max(last, 0))
    rest = isLong ? '' : text.slice(last + 1)
    if (last < 0 && !isLong) return
    // a carriage return would end the field for the reader
    write(`data: ${lines.replaceAll('\r', '').replaceAll('\n', '\n\ndata: ')}\n\n`)
  }
}

function linesOf({
  query: { processes, bytes, since },
  room,
}: Call<v.InferOutput<typeof LINES>, unknown>): Parameters<typeof logLines.run>[1] {
  return { processes, bytes, sinceMs: since, room }
}

function streamOf(call: Pick<Call<unknown, unknown>, 'path'>): { name: string; stream: 'stdout' | 'stderr' } {
  const stream = pathPart(call, 'stream')
  if (stream === 'stdout' || stream === 'stderr') return { name: pathPart(call, 'name'), stream }
  throw new ControlError('BAD_REQUEST', `path.stream: must be "stdout" or "stderr", not ${JSON.stringify(stream)}`)
}
