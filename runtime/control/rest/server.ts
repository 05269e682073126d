// The servers of a configuration: opened all or none, closed together. They differ in where they listen, in the
// credentials they ask for, and in whether browsers can reach them. Here is only what listening needs; what speaks
// HTTP is loaded when the first client connects, so a daemon that nobody asks neither waits for it nor holds it.

import { createServer, type Server as NetServer, type Socket } from 'node:net'
import { asksForPassword, type Server } from '../../../config/config.ts'
import { StartError } from '../errors.ts'
import type { Controlled } from '../supervised.ts'
import type { HttpDoor } from './http.ts'
import { listenOnFile } from './unix-socket.ts'

/** Time for a request to arrive completely, in ms. */
const REQUEST_MS = 10_000
/** Time for answers on their way when the servers are closed, in ms. */
const CLOSE_MS = 1_000
const CONNECTIONS = 256

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
  const connections = new Map<Socket, Timer>()
  const loadDoor = doorOf(settings, parts, connections)
  let door: HttpDoor | undefined
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    watch(socket, connections, parts)
    const serve = async () => {
      door = await loadDoor()
      door.serve(socket)
    }
    serve().catch(parts.controlled.reportBug)
  })
  server.maxConnections = CONNECTIONS
  const removeFile =
    settings.kind === 'unix' ? await listenOnFile(server, settings, parts.log) : await listenOnPort(server, settings)
  server.on('error', (error) => parts.controlled.reportBug(error))
  const close = async () => {
    removeFile()
    door?.endStreams()
    await closeServer(server, connections, parts)
  }
  return { close }
}

/** Makes what answers at the first call. */
function doorOf(
  settings: Server,
  { controlled }: ServerParts,
  connections: Map<Socket, Timer>,
): () => Promise<HttpDoor> {
  const credentials = asksForPassword(settings) ? settings.credentials : undefined
  const onRequest = (socket: Socket) => connections.get(socket)?.cancel()
  let door: Promise<HttpDoor> | undefined
  const open = async (): Promise<HttpDoor> => {
    const { openHttpDoor } = await import('./http.ts')
    return openHttpDoor({ controlled, credentials, isOnNetwork: settings.kind === 'http', onRequest })
  }
  return () => (door ??= open())
}

/** Ends a connection whose request does not arrive in time. */
function watch(socket: Socket, connections: Map<Socket, Timer>, parts: ServerParts): void {
  const timer = parts.after(REQUEST_MS, () => socket.destroy())
  connections.set(socket, timer)
  socket.once('error', () => socket.destroy())
  socket.once('close', () => {
    timer.cancel()
    connections.delete(socket)
  })
}

function listenOnPort(server: NetServer, { host, port }: { host: string; port: number }): Promise<() => void> {
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
async function closeServer(server: NetServer, connections: Map<Socket, Timer>, parts: ServerParts): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const timer = parts.after(CLOSE_MS, () => {
    for (const socket of connections.keys()) socket.destroy()
  })
  await closed
  timer.cancel()
}
