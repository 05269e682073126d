// An endless answer, until one side ends it. A reader that is too slow loses chunks, and gets the number of lost bytes
// when it reads again. The daemon keeps only a little data for it.

import type { ServerResponse } from 'node:http'

/** The limit for each reader; there are at most as many readers as connections. */
const BACKLOG_LIMIT_BYTES = 256 * 1024
/** A new stream ends the oldest one then: streams alone must not take all connections of a server. */
const MOST_STREAMS = 192

/** An endless answer: it calls `write` until the function that `begin` gave is called. */
export interface StreamAnswer {
  readonly contentType: string
  begin(write: (chunk: Buffer | string) => void): () => void
}

/** Sends a stream until the client disconnects, or until the function that it adds to `streams` is called. */
export function sendStream(response: ServerResponse, answer: StreamAnswer, streams: Set<() => void>): void {
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
    oldest()
  }
  const isEvents = answer.contentType === 'text/event-stream'
  const stop = answer.begin(boundedWriter(response, (bytes) => droppedNotice(bytes, isEvents)))
  const end = () => response.end()
  streams.add(end)
  response.on('error', () => response.destroy())
  response.on('close', () => {
    streams.delete(end)
    stop()
  })
}

function boundedWriter(response: ServerResponse, notice: (bytes: number) => string): (chunk: Buffer | string) => void {
  let dropped = 0
  return (chunk) => {
    if (response.writableEnded || response.destroyed) return
    if (response.writableLength > BACKLOG_LIMIT_BYTES) {
      dropped += Buffer.byteLength(chunk)
      return
    }
    if (dropped > 0) response.write(notice(dropped))
    dropped = 0
    // the buffer of the chunk is used again after the call
    response.write(typeof chunk === 'string' ? chunk : Buffer.from(chunk))
  }
}

function droppedNotice(bytes: number, isEvents: boolean): string {
  const text = `[kahi: ${bytes} bytes were dropped, the reader was too slow]`
  return isEvents ? `event: dropped\ndata: ${text}\n\n` : `\n${text}\n`
}
