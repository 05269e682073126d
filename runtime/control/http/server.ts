// The servers of a configuration: either all are opened or none, and they are closed together. They differ in their
// addresses, in their credentials, and in whether browsers can reach them. This file contains only what listening
// needs. The code for HTTP is loaded when the first client connects, so a daemon without clients neither waits for it
// nor keeps it in memory.

import { createServer, type Server as NetServer } from 'node:net'
import type { Server } from '../../../config/settings/server.ts'
import { StartError } from '../operations/errors.ts'
import { type After, Connections } from './connections.ts'
import type { HttpServer } from './http.ts'
import { Memory } from './memory.ts'
import type { Protocol, Served } from './protocol.ts'
import { Sending } from './sending.ts'
import { listenOnFile } from './unix-socket.ts'

/** Time that answers have to be sent when the servers are closed, in milliseconds. */
const CLOSE_MS = 1_000

/** What the servers need. */
export interface ServerParts extends Pick<Served, 'audit' | 'helper'> {
  readonly protocols: readonly Protocol[]
  reportBug(error: unknown): void
  readonly after: After
  nowMs(): number
  log(message: string): void
  /** Logs a warning for the administrator. */
  warn(message: string): void
}

/** Servers that are listening. */
export interface OpenServers {
  /** Stops listening, ends streams, lets other answers finish, and removes socket files. */
  close(): Promise<void>
}

/** Opens all servers. When one cannot be opened, the others are closed again and StartError is thrown. */
export async function openServers(servers: readonly Server[], parts: ServerParts): Promise<OpenServers> {
  const open: OpenServers[] = []
  const memory = new Memory(parts.after)
  const shared = { memory, sending: new Sending(parts.after, memory) }
  const close = async () => {
    await Promise.all(open.map((server) => server.close()))
  }
  try {
    for (const server of servers) open.push(await openServer(server, { ...parts, ...shared }))
  } catch (error) {
    await close()
    throw error
  }
  return { close }
}

async function openServer(settings: Server, parts: ServerParts & Shared): Promise<OpenServers> {
  const connections = new Connections(parts.after)
  const loadHttp = httpLoader(settings, { ...parts, connections })
  let http: HttpServer | undefined
  const tls = settings.kind === 'http' ? settings.tls : undefined
  const secure = tls === undefined ? undefined : (await import('./tls.ts')).openTls(tls, parts)
  const server = createServer({ pauseOnConnect: true }, (plain) => {
    const socket = secure?.(plain) ?? plain
    connections.add(socket)
    const serve = async () => {
      http = await loadHttp()
      http.serve(socket)
    }
    serve().catch(parts.reportBug)
  })
  const removeFile =
    settings.kind === 'unix' ? await listenOnFile(server, settings, parts.log) : await listenOnPort(server, settings)
  server.on('error', (error) => parts.reportBug(error))
  const close = async () => {
    removeFile()
    http?.endStreams()
    await closeServer(server, connections, parts)
  }
  return { close }
}

/** What all servers share. */
interface Shared {
  readonly memory: Memory
  readonly sending: Sending
}

interface HttpNeeds extends ServerParts, Shared {
  readonly connections: Connections
}

/** Loads the HTTP server at the first call. */
function httpLoader(settings: Server, needs: HttpNeeds): () => Promise<HttpServer> {
  const { warn, ...others } = needs
  const { tokens = [] } = settings
  const credentials = settings.credentials?.username === '' ? undefined : settings.credentials
  const isOnNetwork = settings.kind === 'http'
  const name = settings.kind === 'http' ? settings.host : ''
  let http: Promise<HttpServer> | undefined
  const open = async (): Promise<HttpServer> => {
    const { openHttpServer } = await import('./http.ts')
    return openHttpServer({ ...others, log: warn, credentials, tokens, isOnNetwork, name })
  }
  return () => (http ??= open())
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
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new StartError(`Cannot listen on ${where}: no such host`, 2)
  if (code === 'EADDRNOTAVAIL') return new StartError(`Cannot listen on ${where}: not an address of this machine`, 2)
  return new StartError(`Cannot listen on ${where}: ${code ?? message}`, 111)
}

/** Gives answers that are being sent a moment, then closes all connections. */
async function closeServer(server: NetServer, connections: Connections, parts: ServerParts): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  connections.endIdle()
  const timer = parts.after(CLOSE_MS, () => connections.end())
  await closed
  timer.cancel()
}
