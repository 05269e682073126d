// Serves the connections of one server, with the HTTP server of Node.js. It does not listen: it is given sockets.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Gate, type GateParts } from './access.ts'
import { ownTurn, turnInLine } from '../../system/turn.ts'
import type { Connections } from './connections.ts'
import { readWanted } from './path.ts'
import type { Handler, Protocol, Served } from './protocol.ts'
import type { Memory } from './memory.ts'
import type { Sending } from './sending.ts'

const HEAD_LIMIT_BYTES = 16 * 1024
/** The number of requests that may wait on one connection; a client that sends more is disconnected. */
const PIPELINE_LIMIT = 100
/** The longest timer of Node.js: its own check for slow requests would wake an idle daemon. */
const NEVER_MS = 2 ** 31 - 1

const PROBES: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

const SETTINGS = {
  maxHeaderSize: HEAD_LIMIT_BYTES,
  connectionsCheckingInterval: NEVER_MS,
  // Timers of Node.js for idle connections would wake an idle daemon; Connections limits them instead.
  keepAliveTimeout: 0,
  // Some clients of supervisord write their requests themselves, without this header.
  requireHostHeader: false,
}

/** What an HttpServer needs. */
export interface HttpParts extends GateParts, Pick<Served, 'isOnNetwork' | 'name' | 'audit' | 'helper'> {
  readonly protocols: readonly Protocol[]
  readonly connections: Connections
  readonly sending: Sending
  readonly memory: Memory
  reportBug(error: unknown): void
}

/** Answers requests on the sockets that it is given. */
export interface HttpServer {
  /** Takes over a paused socket. */
  serve(socket: Socket): void
  /** Ends endless answers. */
  endStreams(): void
}

/** Makes an HTTP server without connections. */
export function openHttpServer(parts: HttpParts): HttpServer {
  const { protocols, connections, reportBug } = parts
  const served = servedBy(parts)
  const find = finder(protocols)
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const wanted = readWanted(request.url ?? '/')
    const handler = await find(wanted.path)
    // Requests that have waited for the same module would make all their answers before one of them is counted. Probes do not
    // wait in the line: a client that asks for much must not make them late.
    if (PROBES.has(wanted.path)) await ownTurn()
    else await waitInLine(request, connections)
    if (response.destroyed) return
    await handler({ request, wanted, response, server: served })
  }
  const server = createServer(SETTINGS)
  const order = oneAfterTheOther()
  server.on('request', (request, response) => {
    const { socket } = request
    request.once('end', () => connections.mark(socket, 'working'))
    response.once('finish', () => connections.mark(socket, 'idle'))
    order
      .run(request, response, () => answer(request, response))
      .catch((error: unknown) => {
        reportBug(error)
        response.destroy()
      })
  })
  server.on('clientError', (error, socket) => void order.answered(socket).then(() => refuseGarbage(error, socket)))
  server.on('connect', (_request, socket) => refuse(socket, '400 Bad Request', 'this server is no proxy'))
  return {
    serve: (socket) => {
      if (socket.destroyed) return
      server.emit('connection', socket)
      socket.resume()
    },
    endStreams: () => {
      for (const stream of served.streams) stream.end()
    },
  }
}

/** The time in the line does not count as time that the client takes for its request. */
async function waitInLine(request: IncomingMessage, connections: Connections): Promise<void> {
  connections.mark(request.socket, 'working')
  await turnInLine()
  if (!request.complete) connections.expect(request.socket)
}

function servedBy(parts: HttpParts): Served {
  const { isOnNetwork, name, helper, sending, memory, connections } = parts
  return {
    isOnNetwork,
    name,
    helper,
    sending,
    memory,
    gate: new Gate(parts),
    streams: new Set(),
    isStream: (socket) => connections.stream(socket),
    audit: (audit) => parts.audit(audit),
  }
}

interface Order {
  /** Does the work for a request when the requests before it on its connection have been answered. */
  run(request: IncomingMessage, response: ServerResponse, work: () => Promise<void>): Promise<void>
  /** Resolves when all requests of the connection that have arrived completely have been answered. */
  answered(socket: Duplex): Promise<void>
}

interface Queue {
  count: number
  newest: { readonly request: IncomingMessage; readonly response: ServerResponse } | undefined
  /** Resolves when the answer before the newest one has been sent. */
  before: Promise<void>
  /** Resolves when the newest answer has been sent. */
  last: Promise<void>
}

/**
 * A request is handled when the answer before it on its connection has been sent. After an answer that ends the
 * connection, later requests on it are not carried out. Source: RFC 9112, 9.6.
 */
function oneAfterTheOther(): Order {
  const queues = new WeakMap<Duplex, Queue>()
  const run: Order['run'] = async (request, response, work) => {
    const { socket } = request
    const queue: Queue = queues.get(socket) ?? {
      count: 0,
      newest: undefined,
      before: Promise.resolve(),
      last: Promise.resolve(),
    }
    queues.set(socket, queue)
    const before = queue.last
    const last = new Promise<void>((resolve) => {
      response.once('close', () => {
        queue.count -= 1
        resolve()
      })
    })
    Object.assign(queue, { count: queue.count + 1, newest: { request, response }, before, last })
    if (queue.count > PIPELINE_LIMIT) socket.destroy()
    if (queue.count > 1) await before
    if (socket.writable) await work()
  }
  const answered: Order['answered'] = async (socket) => {
    const queue = queues.get(socket)
    if (queue?.newest === undefined) return
    const { request, response } = queue.newest
    // The body of the newest request may be what cannot be read: then it gets no answer of its own.
    await (request.complete || response.headersSent ? queue.last : queue.before)
  }
  return { run, answered }
}

/** Finds the handler for a path. Each handler is loaded once; after a failure the next request tries again. */
function finder(protocols: readonly Protocol[]): (path: string) => Promise<Handler> {
  const loaded = new Map<Protocol, Promise<Handler>>()
  return async (path) => {
    const protocol = protocols.find(({ prefix }) => path.startsWith(prefix)) ?? protocols.at(-1)
    if (protocol === undefined) throw new Error('a server without protocols')
    const handler = loaded.get(protocol) ?? protocol.load()
    loaded.set(protocol, handler)
    handler.catch(() => loaded.delete(protocol))
    return handler
  }
}

/** Refuses data that is no HTTP request, or whose head is too long. */
function refuseGarbage(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const isLong = error.code === 'HPE_HEADER_OVERFLOW'
  if (isLong) refuse(socket, '431 Request Header Fields Too Large', 'request head too large')
  else refuse(socket, '400 Bad Request', 'not an HTTP request')
}

function refuse(socket: Duplex, status: string, reason: string): void {
  const body = JSON.stringify({ error: reason, code: 'BAD_REQUEST' })
  const head = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`
  socket.end(`HTTP/1.1 ${status}\r\n${head}\r\n\r\n${body}`)
}
