// Access to a server: HTTP Basic authentication with a plain password, with `{SHA}` and its hexadecimal SHA-1, or with a bcrypt
// hash; or tokens with roles.
// Comparisons take the same time wherever the difference is. The right password is always accepted at once, also while
// another client of the same address guesses. The answer to a wrong password waits: all wrong passwords of one source
// share one line, which gives one answer per second. Sources that guess are logged.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Role, Token } from '../../../config/model/access.ts'
import type { Credentials } from '../../../config/settings/server.ts'
import { ControlError } from '../operations/errors.ts'
import type { After } from './connections.ts'
import { fitsHash, isBcrypt, isRemembered, noChecks } from './password-hashes.ts'
import { sourceOf } from './source.ts'

/** Wrong passwords of one source that are answered at once, and the time until one more is. */
const ATTEMPTS = 10
const AGAIN_MS = 1000
/** The longest wait of an answer; when the line is longer, the answer is TOO_MANY_ATTEMPTS. */
const LONGEST_MS = 5000
/** The number of sources that are remembered; beyond it the oldest is forgotten. */
const SOURCES = 1024

/** What a Gate needs. */
export interface GateParts {
  /** The credentials that clients must send; undefined means that none are needed. */
  readonly credentials: Credentials | undefined
  readonly tokens?: readonly Token[]
  readonly after: After
  nowMs(): number
  log(message: string): void
}

interface Guesses {
  /** Wrong passwords that may still be answered at once; below 0, the number of those that wait. */
  left: number
  sinceMs: number
  isLogged: boolean
}

/** A client that was recognized; `name` is empty where the server asks for nothing. */
export interface Caller {
  readonly name: string
  readonly role: Role
}

const ANYONE: Caller = { name: '', role: 'admin' }

function admin(name: string): Caller {
  return { name, role: 'admin' }
}

/** Decides which requests one server accepts. */
export class Gate {
  readonly #parts: GateParts
  readonly #checks = noChecks()
  readonly #guesses = new Map<string, Guesses>()
  /**
   * By hash. A wrong token costs the same with one token and with thousands, and the time of a search says nothing about
   * the tokens: clients do not choose the hash of what they send.
   */
  readonly #tokens: ReadonlyMap<string, Token>

  constructor(parts: GateParts) {
    this.#parts = parts
    this.#tokens = new Map((parts.tokens ?? []).toReversed().map((token) => [token.hash, token]))
  }

  /** Whether the server asks for a password. */
  get asks(): boolean {
    return this.#parts.credentials !== undefined || this.#tokens.size > 0
  }

  /**
   * Who the client is; undefined without the right credentials, for wrong ones after a pause when their source has sent
   * many. Rejects with TOO_MANY_ATTEMPTS when too many others wait.
   */
  async admits({ headers: { authorization }, socket }: IncomingMessage): Promise<Caller | undefined> {
    if (!this.asks) return ANYONE
    if (authorization === undefined) return undefined
    const known = this.#knows(authorization)
    if (known !== undefined) return known
    const source = sourceOf(socket.remoteAddress)
    const guesses = this.#guessesOf(source)
    const isTooMany = guesses.left * AGAIN_MS <= -LONGEST_MS
    const hashed = this.#hashed(authorization)
    // A check of a hash takes long: a source that guesses waits before it.
    const isEarly = hashed !== undefined && guesses.left >= 1
    if (isEarly && (await this.#fits(hashed))) return admin(hashed.username)
    if (!isTooMany) guesses.left -= 1
    this.#tell(source, guesses)
    if (guesses.left < 0) await this.#pause(socket, -guesses.left * AGAIN_MS)
    if (isTooMany) throw new ControlError('TOO_MANY_ATTEMPTS')
    return hashed !== undefined && !isEarly && (await this.#fits(hashed)) ? admin(hashed.username) : undefined
  }

  /** Who sends that header, where that can be said at once. */
  #knows(authorization: string): Caller | undefined {
    const { credentials } = this.#parts
    const token = bearerOf(authorization) ?? readBasic(authorization)?.password
    const found = token === undefined ? undefined : this.#tokens.get(hexDigest(token))
    if (found !== undefined) return { name: found.name, role: found.role }
    if (credentials === undefined) return undefined
    const hashed = this.#hashed(authorization)
    if (hashed !== undefined)
      return isRemembered(hashed.password, credentials.password) ? admin(hashed.username) : undefined
    return isAuthorized(authorization, credentials) ? admin(credentials.username) : undefined
  }

  /** What was sent, where it must be compared with a bcrypt hash. */
  #hashed(authorization: string): Credentials | undefined {
    const { credentials } = this.#parts
    if (credentials === undefined || !isBcrypt(credentials.password)) return undefined
    const given = readBasic(authorization)
    return given !== undefined && isSame(given.username, credentials.username) ? given : undefined
  }

  async #fits({ password }: Credentials): Promise<boolean> {
    const fits = await fitsHash(password, this.#parts.credentials?.password ?? '', this.#checks)
    if (fits === undefined) throw new ControlError('TOO_MANY_ATTEMPTS')
    return fits
  }

  #guessesOf(source: string): Guesses {
    const now = this.#parts.nowMs()
    const known = this.#guesses.get(source) ?? { left: ATTEMPTS, sinceMs: now, isLogged: false }
    const left = Math.min(ATTEMPTS, known.left + (now - known.sinceMs) / AGAIN_MS)
    const guesses = { left, sinceMs: now, isLogged: known.isLogged && left < ATTEMPTS }
    this.#guesses.delete(source)
    this.#guesses.set(source, guesses)
    const [oldest] = this.#guesses.keys()
    if (this.#guesses.size > SOURCES && oldest !== undefined) this.#guesses.delete(oldest)
    return guesses
  }

  /** Resolves after the time, or when the client has gone. The connection counts as idle: a new one may replace it. */
  #pause(socket: Socket, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel()
        socket.removeListener('close', end)
        resolve()
      }
      const timer = this.#parts.after(ms, end)
      socket.once('close', end)
    })
  }

  /** Logs the first wrong password of a source, and that it must wait; then nothing until it has stopped for a while. */
  #tell(source: string, guesses: Guesses): void {
    if (guesses.left >= ATTEMPTS - 1) this.#parts.log(`wrong user or password from ${source}`)
    if (guesses.left >= 0 || guesses.isLogged) return
    guesses.isLogged = true
    this.#parts.log(`too many wrong passwords from ${source}: each further one is answered only after a pause`)
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

function bearerOf(header: string): string | undefined {
  return /^bearer ([\w.~+/-]+=*)$/i.exec(header)?.[1]
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

function hexDigest(text: string): string {
  return digest(text).toString('hex')
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
