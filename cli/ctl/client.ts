// The connection to a daemon: HTTP over its unix socket or over TCP. Each request has its own connection.

import type { GenericSchema, InferInput, InferOutput } from 'valibot'
import { type ClientRequest, type IncomingMessage, type RequestOptions, request } from 'node:http'
import type { Credentials } from '../../config/settings/server.ts'
import type { Trust } from './secure.ts'
import type { Rows } from '../../runtime/control/rest/rows.ts'

/** The address of a daemon, and the credentials. `url` is `unix:///path`, `http://host:port` or `https://host:port`. */
export interface Target extends Trust {
  readonly url: string
  readonly credentials: Credentials | undefined
  /** Its name in `[peers]`. */
  readonly name?: string
  /** Headers of each request. */
  readonly headers?: Readonly<Record<string, string>>
}

/** The daemon could not be reached; `code` is the errno name. */
export class Unreachable extends Error {
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/** The daemon answered with an error: HTTP status, error code, message and hint; a probe names what is not ready. */
export class Refused extends Error {
  readonly status: number
  readonly code: string
  readonly hint: string | undefined
  readonly pending: readonly string[]

  constructor(status: number, code: string, message: string, { hint, pending = [] }: RefusalDetails = {}) {
    super(message)
    this.status = status
    this.code = code
    this.hint = hint
    this.pending = pending
  }
}

interface RefusalDetails {
  readonly hint?: string | undefined
  readonly pending?: readonly string[]
}

type Shaped<S> = S extends GenericSchema ? S : never
type PathNames<E> = E extends `${string}{${infer Name}}${infer Rest}` ? Name | PathNames<Rest> : never

/** An endpoint of the daemon: its method and path. */
export type Endpoint = keyof Rows

/** The parts of a request: values for the path, query parameters, the body. */
export interface Given<E extends Endpoint> {
  readonly path?: Readonly<Record<PathNames<E>, string>>
  readonly query?: Partial<InferOutput<Shaped<Rows[E]['query']>>>
  readonly body?: InferInput<Shaped<Rows[E]['body']>>
}

/** The type of an endpoint's answer. */
export type Answer<E extends Endpoint> = Rows[E]['answer'] extends GenericSchema
  ? InferOutput<Rows[E]['answer']>
  : Buffer

/** Sends requests to one daemon. All functions throw Unreachable and Refused. */
export interface Client {
  readonly url: string
  /** Gives the answer: an object for JSON, or bytes. */
  call<const E extends Endpoint>(endpoint: E, given?: Given<E>): Promise<Answer<E>>
  /** Passes on chunks until the daemon ends the stream or `stop` is aborted. */
  follow<const E extends Endpoint>(
    endpoint: E,
    given: Given<E>,
    onChunk: (chunk: Buffer) => void,
    stop: AbortSignal,
  ): Promise<void>
}

/** A client for the target. */
export function openClient(target: Target): Client {
  return {
    url: target.url,
    async call(endpoint, given = {}) {
      const response = await send(target, requestOf(endpoint, given), given.body)
      const content = await readAll(response)
      if (response.statusCode !== 200) throw refusal(response, content)
      const isJson = response.headers['content-type'] === 'application/json'
      return (isJson ? JSON.parse(content.toString('utf8')) : content) as never
    },
    follow: (endpoint, given, onChunk, stop) => follow(target, requestOf(endpoint, given).path, onChunk, stop),
  }
}

function requestOf(
  endpoint: string,
  { path = {}, query = {} }: { readonly path?: object; readonly query?: object },
): { readonly method: string; readonly path: string } {
  const [method = '', pattern = ''] = endpoint.split(' ')
  const parts: Readonly<Record<string, unknown>> = { ...path }
  const filled = pattern.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(String(parts[name])))
  const parameters = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  )
  return { method, path: parameters.size === 0 ? filled : `${filled}?${parameters}` }
}

async function follow(
  target: Target,
  path: string,
  onChunk: (chunk: Buffer) => void,
  stop: AbortSignal,
): Promise<void> {
  const response = await send(target, { method: 'GET', path, headers: { Accept: 'text/plain' }, signal: stop })
  if (response.statusCode !== 200) throw refusal(response, await readAll(response))
  try {
    for await (const chunk of response) onChunk(chunk as Buffer)
  } catch (error) {
    if (!stop.aborted) throw new Unreachable(errorCode(error))
  }
}

async function send(target: Target, options: RequestOptions, body?: unknown): Promise<IncomingMessage> {
  const text = body === undefined ? '' : JSON.stringify(body)
  const address = target.url.startsWith('https:') ? await secureAddressOf(target) : addressOf(target)
  return new Promise((resolve, reject) => {
    const outgoing: ClientRequest = request({
      ...address,
      ...options,
      headers: headersFor(target, options, text),
    })
    outgoing.once('response', resolve)
    outgoing.once('error', (error) => reject(new Unreachable(errorCode(error))))
    outgoing.end(text)
  })
}

function addressOf({ url }: Target): RequestOptions {
  if (url.startsWith('unix://')) return { socketPath: url.slice('unix://'.length), agent: false }
  const { hostname, port } = new URL(url)
  return { hostname, port: port === '' ? 80 : Number(port), agent: false }
}

async function secureAddressOf(target: Target): Promise<RequestOptions> {
  const url = new URL(target.url)
  const { connectSecurely } = await import('./secure.ts')
  const socket = await connectSecurely(url, target).catch((error: unknown) => {
    throw new Unreachable(errorCode(error))
  })
  return { hostname: url.hostname, port: url.port === '' ? 443 : Number(url.port), createConnection: () => socket }
}

function headersFor(
  { credentials, headers: own }: Target,
  options: RequestOptions,
  text: string,
): Record<string, string> {
  const headers: Record<string, string> = { ...own, ...(options.headers as Record<string, string> | undefined) }
  if (text !== '') headers['Content-Type'] = 'application/json'
  if (text !== '') headers['Content-Length'] = String(Buffer.byteLength(text))
  if (credentials !== undefined) {
    const pair = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')
    headers.Authorization = `Basic ${pair}`
  }
  return headers
}

async function readAll(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer)
  } catch (error) {
    throw new Unreachable(errorCode(error))
  }
  return Buffer.concat(chunks)
}

/** Without the characters that control a terminal; lines stay. */
function harmless(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '?')
}

function refusal(response: IncomingMessage, content: Buffer): Refused {
  const status = response.statusCode ?? 0
  try {
    const body = JSON.parse(content.toString('utf8')) as Readonly<Record<string, unknown>>
    const hint = typeof body.hint === 'string' ? harmless(body.hint) : undefined
    const pending = Array.isArray(body.pending) ? body.pending.map((one) => harmless(String(one))) : []
    const message = harmless(String(body.error ?? `status ${status}`))
    return new Refused(status, String(body.code ?? 'SERVER_ERROR'), message, { hint, pending })
  } catch {
    return new Refused(status, 'SERVER_ERROR', `unexpected answer with status ${status}; is this a kahi daemon?`)
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
