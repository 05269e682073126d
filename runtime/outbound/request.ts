// Requests to other servers: https, http, and http over a unix socket. Redirects are not followed, because they could lead
// secrets elsewhere; answers are read to a limit; the whole request has a limit of time.

import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import type { RequestSettings } from '../../config/settings/receivers.ts'
import { extraAuthorities, readAuthorities } from '../system/authorities.ts'
import type { Clock } from '../system/clock.ts'
import { errnoCode } from '../system/files.ts'
import { readGuarded } from '../system/guarded.ts'
import type { Outcome } from './outcome.ts'

/** No file with a secret is longer. */
const SECRET_BYTES = 64 * 1024
const ANSWER_BYTES = 64 * 1024
/** These may change: 408 and 425 of time, 409 of a conflict, 429 of too many requests. Source: RFC 9110, RFC 6585, RFC 8470. */
const PASSING: ReadonlySet<number> = new Set([408, 409, 425, 429])

/** What is sent. */
export interface Message {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The path of the request, for a unix socket; `/` without it. */
  readonly path?: string
}

/** What the server answered. */
export interface Answer {
  readonly status: number
  readonly body: string
  readonly retryAfterMs: number | undefined
}

type Method = 'GET' | 'POST'

/** An outcome; `answer` when the server has answered. */
export type Answered = Outcome & { readonly answer?: Answer }

/** Sends requests to one server. Connections are kept for the next request, one at a time. */
export class Requester {
  readonly #settings: RequestSettings
  readonly #clock: Clock
  readonly #answerBytes: number
  readonly #agents = [
    new HttpAgent({ keepAlive: true, maxSockets: 1 }),
    new HttpsAgent({ keepAlive: true, maxSockets: 1 }),
  ]
  #authorities: Buffer | undefined

  /** Answers are read to so many bytes. */
  constructor(settings: RequestSettings, clock: Clock, answerBytes = ANSWER_BYTES) {
    this.#settings = settings
    this.#clock = clock
    this.#answerBytes = answerBytes
  }

  /** Sends a POST request. Never rejects: without an answer the outcome says why. */
  async post(message: Message, abort: AbortSignal): Promise<Answered> {
    return this.#request('POST', message, abort)
  }

  /** Sends a GET request. Never rejects. */
  async get(message: Omit<Message, 'body'>, abort: AbortSignal): Promise<Answered> {
    return this.#request('GET', { ...message, body: '' }, abort)
  }

  async #request(method: Method, message: Message, abort: AbortSignal): Promise<Answered> {
    try {
      const answer = await this.#exchange(method, message, abort)
      return { ...outcomeOf(answer), answer }
    } catch (error) {
      // the file may have been replaced
      this.#authorities = undefined
      return { kind: 'failed', reason: errnoCode(error) }
    }
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy()
  }

  async #exchange(method: Method, message: Message, abort: AbortSignal): Promise<Answer> {
    const { headers, body } = message
    const { authorization_file: file, headers: own, timeout } = this.#settings
    const authorization = file === undefined ? {} : { Authorization: readSecret(file) }
    const outgoing = this.#open(method, message, {
      'User-Agent': 'kahi',
      ...(method === 'POST' && { 'Content-Length': String(Buffer.byteLength(body)) }),
      ...headers,
      ...own,
      ...authorization,
    })
    const end = (error: Error): void => void outgoing.destroy(error)
    const limit =
      timeout === 0 ? undefined : this.#clock.after(timeout * 1000, () => end(new Error('no answer in time')))
    const stop = (): void => end(new Error('the daemon ends'))
    abort.addEventListener('abort', stop, { once: true })
    if (abort.aborted) stop()
    try {
      return await answerOf(outgoing, body, { mostBytes: this.#answerBytes, wallMs: () => this.#clock.wallMs() })
    } finally {
      limit?.cancel()
      abort.removeEventListener('abort', stop)
    }
  }

  #open(method: Method, { url, path = '/' }: Message, headers: Readonly<Record<string, string>>): ClientRequest {
    const [agent, secureAgent] = this.#agents
    if (url.startsWith('unix://')) {
      const socketPath = url.slice('unix://'.length)
      return requestHttp({ method, path, socketPath, headers: { Host: 'localhost', ...headers }, agent })
    }
    if (url.startsWith('http:')) return requestHttp(url, { method, headers, agent })
    return requestHttps(url, { method, headers, agent: secureAgent, ca: this.#ca() })
  }

  #ca(): Buffer | string[] | undefined {
    const { ca } = this.#settings
    if (ca === undefined) return extraAuthorities()
    this.#authorities ??= readAuthorities(ca)
    return this.#authorities
  }
}

/** The text of a file with a secret, without blanks around it. Throws the error of the system. */
export function readSecret(file: string): string {
  return readGuarded(file, SECRET_BYTES).toString().trim()
}

/** What an answer means for the delivery. */
export function outcomeOf({ status, retryAfterMs }: Answer): Outcome {
  if (status >= 200 && status < 300) return { kind: 'sent', status }
  if (status >= 300 && status < 400)
    return { kind: 'refused', status, reason: `status ${status}: redirects are not followed` }
  const reason = `status ${status}`
  if (status < 500 && !PASSING.has(status)) return { kind: 'refused', status, reason }
  return { kind: 'failed', status, reason, ...(retryAfterMs !== undefined && { afterMs: retryAfterMs }) }
}

/** Milliseconds of a Retry-After header: seconds, or a date. Source: RFC 9110, 10.2.3. */
export function retryAfterMs(value: string | undefined, wallMs: number): number | undefined {
  if (value === undefined || value.length > 64) return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - wallMs)
}

interface Reading {
  readonly mostBytes: number
  wallMs(): number
}

function answerOf(outgoing: ClientRequest, body: string, { mostBytes, wallMs }: Reading): Promise<Answer> {
  return new Promise((resolve, reject) => {
    outgoing.on('error', reject)
    // the last event of all, and the only one of a server that answers with another protocol
    outgoing.once('close', () => reject(new Error('the server ended the connection without an answer')))
    outgoing.once('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = []
      let size = 0
      const finish = (): void =>
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString(),
          retryAfterMs: retryAfterMs(response.headers['retry-after'], wallMs()),
        })
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size <= mostBytes) chunks.push(chunk)
        else {
          finish()
          outgoing.destroy()
        }
      })
      response.once('end', finish)
      response.on('error', reject)
    })
    outgoing.end(body)
  })
}
