// An answer that goes on until one side leaves. A reader that does not keep up loses chunks, and is told how many
// bytes once it reads again; it never makes the daemon keep more than a little.

import type { ServerResponse } from 'node:http'
import type { Reply } from './reply.ts'

const BACKLOG_LIMIT_BYTES = 1024 * 1024

/** A streaming answer. */
export type StreamReply = Extract<Reply, { kind: 'stream' }>

/** Sends a stream until the reader goes away, or until the function that it puts in `streams` is called. */
export function sendStream(response: ServerResponse, reply: StreamReply, streams: Set<() => void>): void {
  response.writeHead(200, {
    'Content-Type': reply.contentType,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Accel-Buffering': 'no',
    Connection: 'close',
  })
  response.flushHeaders()
  const isEvents = reply.contentType === 'text/event-stream'
  const stop = reply.begin(boundedWriter(response, (bytes) => droppedNotice(bytes, isEvents)))
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
    // Chunks lie in a buffer that is used again.
    response.write(typeof chunk === 'string' ? chunk : Buffer.from(chunk))
  }
}

function droppedNotice(bytes: number, isEvents: boolean): string {
  const text = `[kahi: ${bytes} bytes were dropped, the reader was too slow]`
  return isEvents ? `event: dropped\ndata: ${text}\n\n` : `\n${text}\n`
}
