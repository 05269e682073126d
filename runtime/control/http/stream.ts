// An endless answer, until one side ends it. Streams have a limit of their own, so they take no connection from requests. The
// daemon keeps only a little data for a reader that is too slow: a reader that can continue where it was is cut off; another one
// loses chunks, and gets the number of lost bytes when it reads again.

import type { ServerResponse } from 'node:http'
import { openFilesLimit } from '../../system/open-files.ts'
import type { Exchange, Served } from './protocol.ts'

/** The limit for each reader. */
const BACKLOG_LIMIT_BYTES = 256 * 1024
/** A longer piece, such as the existing log at the beginning, is sent only while all readers have no more to read. */
const ALL_LIMIT_BYTES = 32 * 1024 * 1024
/** A new stream ends the oldest one then. Streams use at most a quarter of the files that the daemon may open. */
const MOST_STREAMS = 1024
const SHARE_OF_FILES = 4

/** An endless answer: it calls `write` until the function that `begin` gave is called. */
export interface StreamAnswer {
  readonly contentType: string
  /** A reader that was cut off can begin again where it was. */
  readonly isContinued?: boolean
  begin(write: Write): () => void
}

/** Sends a chunk. False when the reader does not get it, and nothing before it has read: more need not be made for it now. */
export interface Write {
  (chunk: Buffer | string): boolean
  /** So many bytes were not made for a reader that would not have got them. */
  readonly drop: (bytes: number) => void
}

/** Sends a stream until the client disconnects, or until the server is closed. */
export function sendStream({ request, response, server }: Exchange, answer: StreamAnswer): void {
  response.writeHead(200, {
    'Content-Type': answer.contentType,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Accel-Buffering': 'no',
    Connection: 'close',
  })
  response.flushHeaders()
  if (request.method === 'HEAD') return void response.end()
  server.isStream(request.socket)
  makeRoom(server.streams)
  server.streams.add(response)
  const write = answer.isContinued === true ? cuttingWriter(response, server) : droppingWriter(response, server, answer)
  const stop = answer.begin(write)
  response.on('error', () => response.destroy())
  response.on('close', () => {
    server.streams.delete(response)
    stop()
  })
}

let most: number | undefined

function makeRoom(streams: Set<ServerResponse>): void {
  most ??= Math.max(1, Math.min(MOST_STREAMS, Math.floor(openFilesLimit() / SHARE_OF_FILES)))
  const [oldest] = streams.size >= most ? streams : []
  if (oldest === undefined) return
  streams.delete(oldest)
  // what its client has not read would hold the connection
  if (oldest.writableLength > 0) oldest.destroy()
  else oldest.end()
}

/** Closes the connection of a reader that is too slow. What is sent first may be longer than what may wait later. */
function cuttingWriter(response: ServerResponse, { streams }: Served): Write {
  let limit = BACKLOG_LIMIT_BYTES
  response.on('drain', () => {
    limit = BACKLOG_LIMIT_BYTES
  })
  const write = (chunk: Buffer | string): boolean => {
    if (response.writableEnded || response.destroyed) return false
    if (isTooLong(chunk, streams) || response.writableLength > limit) {
      response.destroy()
      return false
    }
    if (chunk.length > BACKLOG_LIMIT_BYTES) limit += chunk.length
    response.write(chunk)
    return true
  }
  return Object.assign(write, { drop: () => {} })
}

function droppingWriter(response: ServerResponse, { streams }: Served, { contentType }: StreamAnswer): Write {
  let dropped = 0
  const write = (chunk: Buffer | string): boolean => {
    if (response.writableEnded || response.destroyed) return false
    if (isTooLong(chunk, streams) || response.writableLength > BACKLOG_LIMIT_BYTES) {
      dropped += Buffer.byteLength(chunk)
      return false
    }
    if (dropped > 0) response.write(droppedNotice(dropped, contentType === 'text/event-stream'))
    dropped = 0
    // the buffer of the chunk is used again after the call
    response.write(typeof chunk === 'string' ? chunk : Buffer.from(chunk))
    return true
  }
  return Object.assign(write, { drop: (bytes: number) => void (dropped += bytes) })
}

function isTooLong(chunk: Buffer | string, streams: ReadonlySet<ServerResponse>): boolean {
  return chunk.length > BACKLOG_LIMIT_BYTES && unread(streams) + chunk.length > ALL_LIMIT_BYTES
}

function droppedNotice(bytes: number, isEvents: boolean): string {
  const text = `[kahi: ${bytes} bytes were dropped, the reader was too slow]`
  return isEvents ? `event: dropped\ndata: ${text}\n\n` : `\n${text}\n`
}

/** What all readers have not read yet, in bytes. */
function unread(streams: ReadonlySet<ServerResponse>): number {
  let bytes = 0
  for (const stream of streams) bytes += stream.writableLength
  return bytes
}
