// Sends a complete answer.

import type { Exchange } from './protocol.ts'

/** A complete answer. */
export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
  /** The connection stays open for another request, if the client wants that. */
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
    ...(keepsConnection ? {} : { Connection: 'close' }),
    ...headers,
  })
  server.sending.send(response, request.method === 'HEAD' ? Buffer.alloc(0) : bytes)
}
