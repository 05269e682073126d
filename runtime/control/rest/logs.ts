// Handlers for what processes write: the end of a log, and a stream of it. A stream is server-sent events, one
// line an event; with `Accept: text/plain` it is the bytes as they come.

import { StringDecoder } from 'node:string_decoder'
import { ControlError } from '../errors.ts'
import { followLog, LOG_LIMIT_BYTES, readLog } from '../operations.ts'
import { type Call, pathPart, queryNumber, type Reply } from './reply.ts'

const DEFAULT_BYTES = 1600
const BACKLOG_LIMIT_BYTES = 1024 * 1024
/** A line longer than this goes out in pieces. */
const LINE_LIMIT = 64 * 1024

/** GET /api/v1/processes/{name}/log/{stream}?length=1600 */
export async function tailLog(call: Call): Promise<Reply> {
  const length = queryNumber(call, 'length', DEFAULT_BYTES, LOG_LIMIT_BYTES)
  return { kind: 'text', body: await readLog.run(call.controlled, { ...streamOf(call), length }) }
}

/** GET /api/v1/processes/{name}/log/{stream}/stream?backlog=0: first that many bytes of what there is, then what comes. */
export async function streamLog(call: Call): Promise<Reply> {
  const backlog = queryNumber(call, 'backlog', 0, BACKLOG_LIMIT_BYTES)
  const log = await followLog.run(call.controlled, streamOf(call))
  const isPlain = call.accept.includes('text/plain')
  return {
    kind: 'stream',
    contentType: isPlain ? 'text/plain; charset=utf-8' : 'text/event-stream',
    begin(write) {
      const give = isPlain ? write : lineEvents(write)
      if (backlog > 0) give(log.tail(backlog))
      return log.follow(give)
    },
  }
}

/** Turns chunks into `data: LINE` events; a line is given when it has ended. */
function lineEvents(write: (text: string) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return (chunk) => {
    const lines = (rest + decoder.write(chunk)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LINE_LIMIT) {
      lines.push(rest)
      rest = ''
    }
    // A carriage return would end the field for the reader.
    if (lines.length > 0) write(lines.map((line) => `data: ${line.replaceAll('\r', '')}\n\n`).join(''))
  }
}

function streamOf(call: Call): { name: string; stream: 'stdout' | 'stderr' } {
  const stream = pathPart(call, 'stream')
  if (stream !== 'stdout' && stream !== 'stderr')
    throw new ControlError('BAD_REQUEST', 'stream must be stdout or stderr')
  return { name: pathPart(call, 'name'), stream }
}
