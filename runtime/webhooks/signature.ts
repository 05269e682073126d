// Signatures of requests. Source: Standard Webhooks 1.0.0, "Signature scheme", symmetric signatures.

import { createHmac } from 'node:crypto'

/** What is signed. */
export interface Signed {
  readonly id: string
  /** Seconds since 1970. */
  readonly timestamp: number
  readonly body: string
}

const SECRET = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/

/** The headers of a request with the signature of a secret. Throws when the text is no such secret. */
export function signedHeaders(secret: string, { id, timestamp, body }: Signed): Readonly<Record<string, string>> {
  const [, base64] = SECRET.exec(secret) ?? []
  if (base64 === undefined) throw new Error('the secret is not "whsec_" and the base64 of 24 to 64 bytes')
  const signature = createHmac('sha256', Buffer.from(base64, 'base64')).update(`${id}.${timestamp}.${body}`)
  return { ...unsignedHeaders({ id, timestamp }), 'webhook-signature': `v1,${signature.digest('base64')}` }
}

/** The same headers without a signature. */
export function unsignedHeaders({ id, timestamp }: Omit<Signed, 'body'>): Readonly<Record<string, string>> {
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp) }
}
