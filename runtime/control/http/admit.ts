// Checks of every request, for all protocols.

import type { Role } from '../../../config/model/access.ts'
import { peerUid } from '../../system/peer.ts'
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

/** The most that is kept of what a client wrote, in characters. */
const LONGEST_WORDS = 200

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

/** Begins to find out who the client is. The function that it gives logs what was done, with its result. */
export function auditOf(
  { request: { socket }, server }: Exchange,
  caller: Caller | undefined,
  action: string,
): (result: string) => void {
  const from = sourceOf(server.isOnNetwork ? (socket.remoteAddress ?? '?') : undefined)
  const peer = server.isOnNetwork ? Promise.resolve(undefined) : peerUid(server.helper, socket)
  const { name: who, role } = caller ?? { name: '', role: 'admin' }
  return (result) =>
    void peer.then((uid) =>
      server.audit({ who, role, uid: uid ?? null, from, action: short(action), result: short(result) }),
    )
}

/** Clients choose these words. */
function short(text: string): string {
  return text.slice(0, LONGEST_WORDS).replaceAll(/\p{Cc}/gu, '?')
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
