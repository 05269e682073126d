// The HTTP servers of a configuration: opened all or none, closed together. One handler serves them all; they
// differ in where they listen, in the credentials they ask for, and in whether browsers can reach them.

import { createServer, type Server as HttpServer } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { asksForPassword, type Server } from '../../../config/config.ts'
import { StartError } from '../errors.ts'
import type { Controlled } from '../supervised.ts'
import { answer } from './handler.ts'
import { routes } from './routes.ts'
import { listenOnFile } from './unix-socket.ts'

/** Time for a request to arrive completely, in ms. */
const REQUEST_MS = 10_000
/** Time for answers on their way when the servers are closed, in ms. */
const CLOSE_MS = 1_000
const CONNECTIONS = 256
const HEAD_LIMIT_BYTES = 16 * 1024
/** The longest time Node's timers know: its own check for slow requests would wake an idle daemon. */
const NEVER_MS = 2 ** 31 - 1

interface Timer {
  cancel(): void
}

/** What the servers need. */
export interface ServerParts {
  readonly controlled: Controlled
  /** Calls back after some ms. */
  after(ms: number, callback: () => void): Timer
  log(message: string): void
}

/** Servers that listen. */
export interface OpenServers {
  /** Stops listening, ends streams, lets answers on their way finish, removes socket files. */
  close(): Promise<void>
}

/** Opens all servers; when one cannot be opened the others are closed again and StartError is thrown. */
export async function openServers(servers: readonly Server[], parts: ServerParts): Promise<OpenServers> {
  const open: OpenServers[] = []
  const close = async () => {
    await Promise.all(open.map((server) => server.close()))
  }
  try {
    for (const server of servers) open.push(await openServer(server, parts))
  } catch (error) {
    await close()
    throw error
  }
  return { close }
}

async function openServer(settings: Server, parts: ServerParts): Promise<OpenServers> {
  const { controlled } = parts
  const streams = new Set<() => void>()
  const isOnNetwork = settings.kind === 'http'
  const door = {
    controlled,
    routes,
    credentials: asksForPassword(settings) ? settings.credentials : undefined,
    isOnNetwork,
    streams,
  }
  const server = createServer({ maxHeaderSize: HEAD_LIMIT_BYTES, connectionsCheckingInterval: NEVER_MS })
  server.maxConnections = CONNECTIONS
  server.on('request', (request, response) => void answer(door, request, response))
  server.on('clientError', refuseGarbage)
  const connections = watchConnections(server, parts)
  const removeFile =
    settings.kind === 'unix' ? await listenOnFile(server, settings, parts.log) : await listenOnPort(server, settings)
  server.on('error', (error) => controlled.reportBug(error))
  const close = async () => {
    removeFile()
    for (const end of streams) end()
    await closeServer(server, connections, parts)
  }
  return { close }
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

/** Ends connections whose request does not arrive in time. */
function watchConnections(server: HttpServer, parts: ServerParts): Map<Socket, Timer> {
  const connections = new Map<Socket, Timer>()
  server.on('connection', (socket) => {
    const timer = parts.after(REQUEST_MS, () => socket.destroy())
    connections.set(socket, timer)
    socket.once('close', () => {
      timer.cancel()
      connections.delete(socket)
    })
  })
  server.on('request', (request) => request.once('end', () => connections.get(request.socket)?.cancel()))
  return connections
}

function listenOnPort(server: HttpServer, { host, port }: { host: string; port: number }): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(portError(error, host, port))
    server.once('error', fail)
    // supervisord listens on IPv4 only when no address is given.
    server.listen({ port, host: host === '' ? '0.0.0.0' : host, backlog: 128 }, () => {
      server.removeListener('error', fail)
      resolve(() => {})
    })
  })
}

function portError({ code, message }: NodeJS.ErrnoException, host: string, port: number): StartError {
  const where = `${host === '' ? '*' : host}:${port}`
  if (code === 'EADDRINUSE') return new StartError(`Another program is already listening on ${where}`, 2)
  if (code === 'EACCES') return new StartError(`Cannot listen on ${where}: no permission`, 111)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new StartError(`Cannot listen on ${where}: no such host`, 111)
  if (code === 'EADDRNOTAVAIL') return new StartError(`Cannot listen on ${where}: not an address of this machine`, 111)
  return new StartError(`Cannot listen on ${where}: ${code ?? message}`, 111)
}

/** Answers on their way get a moment; what is left then is cut. */
async function closeServer(server: HttpServer, connections: Map<Socket, Timer>, parts: ServerParts): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const timer = parts.after(CLOSE_MS, () => {
    for (const socket of connections.keys()) socket.destroy()
  })
  await closed
  timer.cancel()
}
