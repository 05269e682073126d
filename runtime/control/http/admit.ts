// Checks of every request, for all protocols.

import type { Role } from '../../../config/model/access.ts'
import { ControlError } from '../operations/errors.ts'
import type { Caller } from './access.ts'
import type { Exchange } from './protocol.ts'
import { refuseOtherNames, refuseOtherSites } from './site.ts'
import { sourceOf } from './source.ts'

/**
 * Rejects with UNAUTHORIZED, TOO_MANY_ATTEMPTS or FORBIDDEN. Gives who the client is; undefined
 * without the right credentials. `isOpen`: the request needs none.
 */
export async function admit({ request, server }: Exchange, isOpen = false): Promise<Caller | undefined> {
  const caller = await server.gate.admits(request)
  if (caller === undefined && !isOpen) throw new ControlError('UNAUTHORIZED')
  if (!server.isOnNetwork) return caller
  // A page under another name has no password for this server: browsers store passwords by name.
  if (!server.gate.asks || caller === undefined) refuseOtherNames(request, server.name)
  if (request.method !== 'GET' && request.method !== 'HEAD') refuseOtherSites(request)
  return caller
}

/** What a request does. */
export type Deed = 'metrics' | 'read' | 'control' | 'admin'

const MAY: Readonly<Record<Role, readonly Deed[]>> = {
  metrics: ['metrics'],
  read: ['metrics', 'read'],
  control: ['metrics', 'read', 'control'],
  admin: ['metrics', 'read', 'control', 'admin'],
}

/** Throws FORBIDDEN when the role of the client does not allow it. */
export function refuseRole(caller: Caller | undefined, deed: Deed): void {
  if (caller === undefined || MAY[caller.role].includes(deed)) return
  const hint = `${caller.name} has the role ${caller.role}; this needs ${deed}`
  throw new ControlError('FORBIDDEN', 'the role of this client does not allow it', hint)
}

/** Logs who did what, on servers that several clients use. */
export function auditOf({ request, response, server, wanted }: Exchange, caller: Caller | undefined): void {
  if (!server.isOnNetwork && !server.gate.asks) return
  const who = caller === undefined || caller.name === '' ? 'a client without a name' : `${caller.name} (${caller.role})`
  const from = sourceOf(request.socket.remoteAddress)
  server.audit(`${who} from ${from}: ${request.method} ${wanted.path}: ${response.statusCode}`)
}

/** Whether the client came over TCP to a server that asks for no password. */
export function isStranger({ server }: Pick<Exchange, 'server'>): boolean {
  return server.isOnNetwork && !server.gate.asks
}

/** Headers of an error, besides those of every answer. */
export function errorHeaders(error: ControlError): Readonly<Record<string, string>> {
  if (error.code === 'UNAUTHORIZED') return { 'WWW-Authenticate': 'Basic realm="default"' }
  return error.code === 'TOO_MANY_ATTEMPTS' ? { 'Retry-After': '1' } : {}
}
