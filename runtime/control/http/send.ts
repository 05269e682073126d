// Sends a complete answer.

import { STATUS_CODES } from 'node:http'
import type { Exchange } from './protocol.ts'

/** A complete answer. */
export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
  /** The connection stays open for another request, if the client wants that and its request was read to the end. */
  readonly keepsConnection?: boolean
}

/** Sends the answer, if the client is still connected. When another answer has begun, the connection is closed. */
export function sendAnswer({ request, response, server }: Exchange, answer: Answer): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const { status, contentType, body, headers = {}, keepsConnection = false } = answer
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': bytes.length,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    // Node.js reads nothing more after a request that asks for another protocol.
    ...(keepsConnection && request.complete && !request.headers.upgrade ? {} : { Connection: 'close' }),
    ...headers,
  })
  server.sending.send(response, request.method === 'HEAD' ? Buffer.alloc(0) : bytes)
}

/** After these the connection ends: what follows on it comes from a client that may do nothing here. */
const ENDING = new Set([401, 403, 413, 429, 500, 503])

/**
 * Sends a page that says the status, as supervisord's. Source: supervisor 4.2.5, medusa
 * http_request.DEFAULT_ERROR_MESSAGE.
 */
export function refuse(exchange: Exchange, status: number, headers: Readonly<Record<string, string>> = {}): void {
  const words = [`Error code ${status}.`, `Message: ${STATUS_CODES[status] ?? ''}.`]
  const lines = ['<head>', '<title>Error response</title>', '</head>', '<body>', '<h1>Error response</h1>']
  const body = [...lines, ...words.map((text) => `<p>${text}`), '</body>', ''].join('\r\n')
  sendAnswer(exchange, { status, contentType: 'text/html', body, headers, keepsConnection: !ENDING.has(status) })
}
