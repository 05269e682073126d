// Talks to a daemon: HTTP over its unix socket or over TCP, one request a connection.

import { type ClientRequest, type IncomingMessage, type RequestOptions, request } from 'node:http'
import type { Credentials } from '../../config/config.ts'

/** Where a daemon listens and who asks. `url` is `unix:///path` or `http://host:port`. */
export interface Target {
  readonly url: string
  readonly credentials: Credentials | undefined
}

/** Nobody could be asked; `code` is the errno name. */
export class Unreachable extends Error {
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/** The daemon answered with an error: HTTP status, the code of its body, the message, and what may help. */
export class Refused extends Error {
  readonly status: number
  readonly code: string
  readonly hint: string | undefined

  constructor(status: number, code: string, message: string, hint?: string) {
    super(message)
    this.status = status
    this.code = code
    this.hint = hint
  }
}

/** Asks one daemon. All functions throw Unreachable and Refused. */
export interface Client {
  readonly url: string
  get<T>(path: string): Promise<T>
  post<T>(path: string, body?: object): Promise<T>
  put<T>(path: string, body: object): Promise<T>
  delete<T>(path: string): Promise<T>
  bytes(path: string): Promise<Buffer>
  /** Calls back with what comes until the daemon ends it or `stop` is aborted. */
  follow(path: string, onChunk: (chunk: Buffer) => void, stop: AbortSignal): Promise<void>
}

/** A client for the target. */
export function openClient(target: Target): Client {
  const ask = async (method: string, path: string, body?: object): Promise<Buffer> => {
    const response = await send(target, { method, path }, body)
    const content = await readAll(response)
    if (response.statusCode !== 200) throw refusal(response, content)
    return content
  }
  return {
    url: target.url,
    get: async (path) => JSON.parse((await ask('GET', path)).toString('utf8')),
    post: async (path, body) => JSON.parse((await ask('POST', path, body)).toString('utf8')),
    put: async (path, body) => JSON.parse((await ask('PUT', path, body)).toString('utf8')),
    delete: async (path) => JSON.parse((await ask('DELETE', path)).toString('utf8')),
    bytes: (path) => ask('GET', path),
    follow: (path, onChunk, stop) => follow(target, path, onChunk, stop),
  }
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
    for await (const chunk of response) onChunk(chunk)
  } catch (error) {
    if (!stop.aborted) throw new Unreachable(errorCode(error))
  }
}

function send(target: Target, options: RequestOptions, body?: object): Promise<IncomingMessage> {
  const text = body === undefined ? '' : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const outgoing: ClientRequest = request({
      ...addressOf(target),
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

function headersFor({ credentials }: Target, options: RequestOptions, text: string): Record<string, string> {
  const headers: Record<string, string> = { ...(options.headers as Record<string, string> | undefined) }
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
    for await (const chunk of response) chunks.push(chunk)
  } catch (error) {
    throw new Unreachable(errorCode(error))
  }
  return Buffer.concat(chunks)
}

function refusal(response: IncomingMessage, content: Buffer): Refused {
  const status = response.statusCode ?? 0
  try {
    const body: { code?: unknown; error?: unknown; hint?: unknown } = JSON.parse(content.toString('utf8'))
    const hint = typeof body.hint === 'string' ? body.hint : undefined
    return new Refused(status, String(body.code ?? 'SERVER_ERROR'), String(body.error ?? `status ${status}`), hint)
  } catch {
    return new Refused(status, 'SERVER_ERROR', `unexpected answer with status ${status}; is this a kahi daemon?`)
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
