// Sends an answer that a client may have already: with an ETag, and compressed where that pays.

import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import type { Exchange } from './protocol.ts'
import { type Answer, sendAnswer } from './send.ts'

/** A shorter answer is sent as it is. */
const LEAST_BYTES = 2048

/** Sends the answer, or 304 when the client has it. Source: RFC 9110, 8.8.3 and 13.1.2. */
export async function sendCached(exchange: Exchange, answer: Answer): Promise<void> {
  const { headers } = exchange.request
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body
  const ETag = `W/"${createHash('sha1').update(body).digest('base64url')}"`
  const shared = { ...answer.headers, ETag, Vary: 'Accept-Encoding', 'Cache-Control': 'no-cache' }
  const known = String(headers['if-none-match'] ?? '').split(/\s*,\s*/)
  if (known.includes(ETag)) return sendAnswer(exchange, { ...answer, status: 304, body: '', headers: shared })
  const isCompressed = body.length >= LEAST_BYTES && /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''))
  if (!isCompressed) return sendAnswer(exchange, { ...answer, body, headers: shared })
  const { gzip } = await import('node:zlib')
  const compressed = await promisify(gzip)(body)
  sendAnswer(exchange, { ...answer, body: compressed, headers: { ...shared, 'Content-Encoding': 'gzip' } })
}
