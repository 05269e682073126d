// What answers the connections of one server: Node's HTTP server, which does not listen itself but is handed sockets.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { answer, type Door } from './handler.ts'
import { routes } from './routes.ts'

const HEAD_LIMIT_BYTES = 16 * 1024
/** The longest time Node's timers know: its own check for slow requests would wake an idle daemon. */
const NEVER_MS = 2 ** 31 - 1

/** What a door needs. */
export interface HttpDoorParts extends Pick<Door, 'controlled' | 'credentials' | 'isOnNetwork'> {
  /** Called when a whole request has arrived on a connection. */
  onRequest(socket: Socket): void
}

/** Answers requests on the sockets that it is given. */
export interface HttpDoor {
  /** Takes over a paused socket. */
  serve(socket: Socket): void
  /** Ends answers that go on until the client has enough. */
  endStreams(): void
}

/** A door on which nobody has knocked yet. */
export function openHttpDoor({ onRequest, ...parts }: HttpDoorParts): HttpDoor {
  const door: Door = { ...parts, routes, streams: new Set() }
  const server = createServer({ maxHeaderSize: HEAD_LIMIT_BYTES, connectionsCheckingInterval: NEVER_MS })
  server.on('request', (request, response) => {
    request.once('end', () => onRequest(request.socket))
    void dispatch(door, request, response)
  })
  server.on('clientError', refuseGarbage)
  return {
    serve: (socket) => {
      if (socket.destroyed) return
      server.emit('connection', socket)
      socket.resume()
    },
    endStreams: () => {
      for (const end of door.streams) end()
    },
  }
}

/** What clients of supervisord ask for is loaded when the first of them asks. */
const SUPERVISORDS = /^\/(?:RPC2|logtail|mainlogtail)/

async function dispatch(door: Door, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!SUPERVISORDS.test(request.url ?? '')) return answer(door, request, response)
  const { answerAsSupervisord } = await import('../xmlrpc/handler.ts')
  return answerAsSupervisord(door, request, response)
}

/** What is no HTTP request, or has too long a head. */
function refuseGarbage(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const isLong = error.code === 'HPE_HEADER_OVERFLOW'
  const body = JSON.stringify({ error: isLong ? 'request head too large' : 'not an HTTP request', code: 'BAD_REQUEST' })
  const status = isLong ? '431 Request Header Fields Too Large' : '400 Bad Request'
  const head = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`
  socket.end(`HTTP/1.1 ${status}\r\n${head}\r\n\r\n${body}`)
}
