// Protection against other web sites: their pages must neither control this daemon nor read its answers. A browser
// sends the site of the page in Origin, and the name under which it reached this server in Host. A page can make its
// own name lead to this machine (DNS rebinding), so on TCP the Host must be a name that no page can have.

import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { ControlError } from '../operations/errors.ts'

/**
 * Throws FORBIDDEN when the Host header is a name that another site may have. A request without it does not come from a
 * browser.
 */
export function refuseOtherNames({ headers: { host = '' } }: IncomingMessage, configured: string): void {
  const name = host.replace(/:\d*$/, '').toLowerCase()
  if (name === '' || isOwnName(name) || name === configured.toLowerCase()) return
  const hint = 'use the address of this server, or give it a password'
  throw new ControlError('FORBIDDEN', `the Host header is no address and no name of this server: ${host}`, hint)
}

/**
 * An address, localhost, a name without a dot (which no page on the Internet has), or the host name of this machine.
 */
function isOwnName(name: string): boolean {
  const address = name.replace(/^\[(.*)\]$/, '$1')
  if (isIP(address) !== 0 || !name.includes('.')) return true
  return name.endsWith('.localhost') || name === hostname().toLowerCase()
}

/** Throws FORBIDDEN when the Origin header names another site. */
export function refuseOtherSites({ headers: { origin, host } }: IncomingMessage): void {
  if (origin === undefined) return
  if (URL.canParse(origin) && new URL(origin).host === host) return
  throw new ControlError('FORBIDDEN')
}

/**
 * Whether a GET that changes something was meant: by a program, by a page of this server, or by a user who typed it.
 * Another page can make a browser send it, and then it has no Origin; so the browser must say where it comes from.
 */
export function wasMeant({ headers }: IncomingMessage): boolean {
  const { 'sec-fetch-site': from, 'sec-purpose': purpose, referer, host, 'user-agent': agent = '' } = headers
  if (purpose !== undefined) return false
  if (from !== undefined) return from === 'same-origin' || from === 'none'
  if (referer !== undefined) return URL.canParse(referer) && new URL(referer).host === host
  return !agent.startsWith('Mozilla/') && headers['accept-language'] === undefined
}
