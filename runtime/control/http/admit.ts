// Checks of every request, for all protocols.

import { ControlError } from '../operations/errors.ts'
import type { Exchange } from './protocol.ts'
import { refuseOtherNames, refuseOtherSites } from './site.ts'

/**
 * Rejects with UNAUTHORIZED, TOO_MANY_ATTEMPTS or FORBIDDEN. Gives whether the client has the right credentials, or needs
 * none. `isOpen`: the request needs no credentials.
 */
export async function admit({ request, server }: Exchange, isOpen = false): Promise<boolean> {
  const isTrusted = await server.gate.admits(request)
  if (!isTrusted && !isOpen) throw new ControlError('UNAUTHORIZED')
  if (!server.isOnNetwork) return isTrusted
  // A page under another name has no password for this server: browsers store passwords by name.
  if (!server.gate.asks || !isTrusted) refuseOtherNames(request, server.name)
  if (request.method !== 'GET' && request.method !== 'HEAD') refuseOtherSites(request)
  return isTrusted
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
