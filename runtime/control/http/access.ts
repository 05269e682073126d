// Access to a server: HTTP Basic authentication with a plain password, or with `{SHA}` and its hexadecimal SHA-1.
// Comparisons take the same time wherever the difference is. An address that sends several wrong passwords is refused
// for a while, and that is logged.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Credentials } from '../../../config/settings/server.ts'
import { ControlError } from '../operations/errors.ts'

/** Wrong passwords that an address may send at once, and the time until it may send one more. */
const ATTEMPTS = 10
const AGAIN_MS = 1000
/** The number of addresses that are remembered; beyond it the oldest is forgotten. */
const ADDRESSES = 1024

/** What a Gate needs. */
export interface GateParts {
  /** The credentials that clients must send; undefined means that none are needed. */
  readonly credentials: Credentials | undefined
  nowMs(): number
  log(message: string): void
}

interface Guesses {
  left: number
  sinceMs: number
  isLogged: boolean
}

/** Decides which requests one server accepts. */
export class Gate {
  readonly #parts: GateParts
  readonly #guesses = new Map<string, Guesses>()

  constructor(parts: GateParts) {
    this.#parts = parts
  }

  /** Whether the server asks for a password. */
  get asks(): boolean {
    return this.#parts.credentials !== undefined
  }

  /**
   * Whether the request has the right credentials. Throws TOO_MANY_ATTEMPTS for an address that guesses, without
   * looking at them.
   */
  admits({ headers: { authorization }, socket }: IncomingMessage): boolean {
    const { credentials } = this.#parts
    if (credentials === undefined) return true
    if (authorization === undefined) return false
    const address = socket.remoteAddress ?? 'the unix socket'
    const guesses = this.#guessesOf(address)
    if (guesses.left < 1) throw new ControlError('TOO_MANY_ATTEMPTS')
    if (isAuthorized(authorization, credentials)) return true
    guesses.left -= 1
    this.#tell(address, guesses)
    return false
  }

  #guessesOf(address: string): Guesses {
    const now = this.#parts.nowMs()
    const known = this.#guesses.get(address) ?? { left: ATTEMPTS, sinceMs: now, isLogged: false }
    const left = Math.min(ATTEMPTS, known.left + (now - known.sinceMs) / AGAIN_MS)
    const guesses = { left, sinceMs: now, isLogged: known.isLogged && left < ATTEMPTS }
    this.#guesses.delete(address)
    this.#guesses.set(address, guesses)
    const [oldest] = this.#guesses.keys()
    if (this.#guesses.size > ADDRESSES && oldest !== undefined) this.#guesses.delete(oldest)
    return guesses
  }

  /** Logs the first wrong password of an address and its refusal; then nothing until it has stopped for a while. */
  #tell(address: string, guesses: Guesses): void {
    if (guesses.left >= ATTEMPTS - 1) this.#parts.log(`wrong user or password from ${address}`)
    if (guesses.left >= 1 || guesses.isLogged) return
    guesses.isLogged = true
    this.#parts.log(`too many wrong passwords from ${address}: it is refused until it pauses`)
  }
}

/**
 * Whether an Authorization header has these credentials. Without configured credentials every request is authorized.
 */
export function isAuthorized(header: string | undefined, credentials: Credentials | undefined): boolean {
  if (credentials === undefined) return true
  const given = readBasic(header)
  if (given === undefined) return false
  const userFits = isSame(given.username, credentials.username)
  return isPassword(given.password, credentials.password) && userFits
}

/** The name and password of a Basic header; the password may contain colons. Undefined for any other header. */
function readBasic(header: string | undefined): Credentials | undefined {
  const match = /^basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? '')
  if (match?.[1] === undefined) return undefined
  const text = Buffer.from(match[1], 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

/**
 * `{SHA}hex` is compared with the SHA-1 of the given password. Source: supervisor 4.2.5,
 * encrypted_dictionary_authorizer.
 */
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
