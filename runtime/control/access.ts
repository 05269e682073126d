// Who may use a server: HTTP Basic authentication with a plain password or `{SHA}` and its hexadecimal SHA-1.
// Comparisons take the same time wherever the difference is.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { Credentials } from '../../config/config.ts'

/** Whether an Authorization header names these credentials. No credentials configured: everyone may. */
export function isAuthorized(header: string | undefined, credentials: Credentials | undefined): boolean {
  if (credentials === undefined) return true
  const given = readBasic(header)
  if (given === undefined) return false
  const userFits = isSame(given.username, credentials.username)
  return isPassword(given.password, credentials.password) && userFits
}

/** The name and password of a Basic header; the password may contain colons. Undefined when it is none. */
function readBasic(header: string | undefined): Credentials | undefined {
  const match = /^basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? '')
  if (match?.[1] === undefined) return undefined
  const text = Buffer.from(match[1], 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** `{SHA}hex` is compared with the SHA-1 of what was given. Source: supervisor 4.2.5, encrypted_dictionary_authorizer. */
function isPassword(given: string, wanted: string): boolean {
  if (!wanted.startsWith('{SHA}')) return isSame(given, wanted)
  return isSame(createHash('sha1').update(given).digest('hex'), wanted.slice('{SHA}'.length))
}

function isSame(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
