// Rows for the output of processes: lines of several processes, the end of a log, and streams. A stream is sent as
// server-sent events, one for each line; that of one log is sent as plain bytes with `Accept: text/plain`.

import * as v from 'valibot'
import { ControlError } from '../operations/errors.ts'
import { clearLog, followLog, LOG_LIMIT_BYTES, readLog, readLogRange } from '../operations/logs.ts'
import { followLines, logLines } from '../operations/log-lines.ts'
import { type LogLine, LogLineShape } from '../operations/shapes/log-line.ts'
import { ProcessOutcome } from '../operations/shapes/process.ts'
import { listOf } from '../operations/shapes/words.ts'
import { streamLines } from './line-stream.ts'
import { queryEventNumber, queryNumber, queryTexts, queryWhole } from './query.ts'
import { type Call, Part, pathPart, row } from './row.ts'
import { serverEvents } from './server-events.ts'

const DEFAULT_BYTES = 1600
const BACKLOG_LIMIT_BYTES = 1024 * 1024
const DEFAULT_LINES_BYTES = 64 * 1024

const LINES = v.strictObject({
  processes: queryTexts('Only these processes, and groups as `group:*`, with commas between them'),
  bytes: queryWhole(DEFAULT_LINES_BYTES, BACKLOG_LIMIT_BYTES, 'How much of the end of each log is read, in bytes'),
  since: queryEventNumber('Only lines since this time, in milliseconds since the epoch'),
  lines: queryNumber(1_000_000, 'How many of the newest lines of all together'),
})

const PART = v.strictObject({
  length: queryWhole(
    DEFAULT_BYTES,
    LOG_LIMIT_BYTES,
    'How many bytes from the end, or from the offset; 0: all, up to 16 MiB',
  ),
  offset: queryNumber(999_999_999_999, 'The first byte, counted from 0, instead of the end'),
  lines: queryNumber(1_000_000, 'How many lines at the end, instead of bytes'),
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
      return serverEvents(call.controlled.clock, {
        begin(send) {
          const give = (line: LogLine) => send([{ data: JSON.stringify(line) }])
          return feed.begin(Object.assign(give, { drop: send.drop }))
        },
      })
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
    query: PART,
    answer: 'text',
    hasParts: true,
    run: async (call) => {
      const { controlled, query, range, room } = call
      const of = streamOf(call)
      if (query.lines !== undefined && query.offset !== undefined)
        throw new ControlError('BAD_REQUEST', 'query: lines and offset exclude each other')
      const part = range === '' ? undefined : await readLogRange(controlled, { ...of, range, room })
      return part === undefined ? readLog.run(controlled, { ...of, ...query, room }) : new Part(part)
    },
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
      if (!call.accept.includes('text/plain'))
        return streamLines(call.controlled.clock, log, { lastId: call.lastEventId, backlog })
      return {
        contentType: 'text/plain; charset=utf-8',
        begin(write) {
          if (backlog > 0) write(log.tail(backlog))
          return log.follow(write)
        },
      }
    },
  }),
}

function linesOf({
  query: { processes, bytes, since, lines },
  room,
}: Call<v.InferOutput<typeof LINES>, unknown>): Parameters<typeof logLines.run>[1] {
  return { processes, bytes, sinceMs: since, newest: lines, room }
}

function streamOf(call: Pick<Call<unknown, unknown>, 'path'>): { name: string; stream: 'stdout' | 'stderr' } {
  const stream = pathPart(call, 'stream')
  if (stream === 'stdout' || stream === 'stderr') return { name: pathPart(call, 'name'), stream }
  throw new ControlError('BAD_REQUEST', `path.stream: must be "stdout" or "stderr", not ${JSON.stringify(stream)}`)
}
