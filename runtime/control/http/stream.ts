// An endless answer, until one side ends it. A reader that is too slow loses chunks, and gets the number of lost bytes
// when it reads again. The daemon keeps only a little data for it.

import type { ServerResponse } from 'node:http'

/** The limit for each reader; there are at most as many readers as connections. */
const BACKLOG_LIMIT_BYTES = 256 * 1024
/** A longer piece, such as the existing log at the beginning, is sent only while all readers have no more to read. */
const ALL_LIMIT_BYTES = 32 * 1024 * 1024
/** A new stream ends the oldest one then: streams alone must not take all connections of a server. */
const MOST_STREAMS = 192

/** An endless answer: it calls `write` until the function that `begin` gave is called. */
export interface StreamAnswer {
  readonly contentType: string
  begin(write: (chunk: Buffer | string) => void): () => void
}

/** Sends a stream until the client disconnects, or until the function that it adds to `streams` is called. */
export function sendStream(response: ServerResponse, answer: StreamAnswer, streams: Set<ServerResponse>): void {
  response.writeHead(200, {
    'Content-Type': answer.contentType,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Accel-Buffering': 'no',
    Connection: 'close',
  })
  response.flushHeaders()
  if (response.req.method === 'HEAD') return void response.end()
  const [oldest] = streams.size >= MOST_STREAMS ? streams : []
  if (oldest !== undefined) {
    streams.delete(oldest)
    // what its client has not read would hold the connection
    if (oldest.writableLength > 0) oldest.destroy()
    else oldest.end()
  }
  streams.add(response)
  const isEvents = answer.contentType === 'text/event-stream'
  const stop = answer.begin(boundedWriter(response, streams, (bytes) => droppedNotice(bytes, isEvents)))
  response.on('error', () => response.destroy())
  response.on('close', () => {
    streams.delete(response)
    stop()
  })
}

function boundedWriter(
  response: ServerResponse,
  streams: ReadonlySet<ServerResponse>,
  notice: (bytes: number) => string,
): (chunk: Buffer | string) => void {
  let dropped = 0
  return (chunk) => {
    if (response.writableEnded || response.destroyed) return
    const isLong = chunk.length > BACKLOG_LIMIT_BYTES && unread(streams) + chunk.length > ALL_LIMIT_BYTES
    if (isLong || response.writableLength > BACKLOG_LIMIT_BYTES) {
      dropped += Buffer.byteLength(chunk)
      return
    }
    if (dropped > 0) response.write(notice(dropped))
    dropped = 0
    // the buffer of the chunk is used again after the call
    response.write(typeof chunk === 'string' ? chunk : Buffer.from(chunk))
  }
}

/** What all readers have not read yet, in bytes. */
function unread(streams: ReadonlySet<ServerResponse>): number {
  let bytes = 0
  for (const stream of streams) bytes += stream.writableLength
  return bytes
}

function droppedNotice(bytes: number, isEvents: boolean): string {
  const text = `[kahi: ${bytes} bytes were dropped, the reader was too slow]`
  return isEvents ? `event: dropped\ndata: ${text}\n\n` : `\n${text}\n`
}
