// The files of the page of `kahi daemon`. The page is built into kahi; this module is loaded when a browser asks for it.

import { files } from 'kahi:page'
import type { Exchange } from '../http/protocol.ts'
import { sendCached } from '../http/cached.ts'

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}

/** The page loads only its own files and asks only its own server; it cannot be framed, and no text becomes markup. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types lit-html',
].join('; ')

const HEADERS = { 'Content-Security-Policy': POLICY, 'Referrer-Policy': 'same-origin', 'X-Frame-Options': 'DENY' }

/** Sends a file; false when there is none of that name. */
export async function sendPageFile(exchange: Exchange, name: string): Promise<boolean> {
  const body = Object.hasOwn(files, name) ? files[name] : undefined
  if (body === undefined) return false
  const contentType = TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
  await sendCached(exchange, { status: 200, contentType, body, headers: HEADERS, keepsConnection: true })
  return true
}
