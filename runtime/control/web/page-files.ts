// The files of the page of `kahi daemon`. The page is built into kahi; this module is loaded when a browser asks for it.

import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { files } from 'kahi:page'
import type { Exchange } from '../http/protocol.ts'
import { sendAnswer } from '../http/send.ts'

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

interface PageFile {
  readonly body: Buffer
  readonly compressed: Buffer
  readonly headers: Readonly<Record<string, string>>
  readonly contentType: string
}

const made = new Map<string, Promise<PageFile>>()

/** Sends a file; false when there is none of that name. */
export async function sendPageFile(exchange: Exchange, name: string): Promise<boolean> {
  const text = Object.hasOwn(files, name) ? files[name] : undefined
  if (text === undefined) return false
  const file = made.get(name) ?? make(name, text)
  made.set(name, file)
  const { body, compressed, headers, contentType } = await file
  const { 'if-none-match': known, 'accept-encoding': accepted = '' } = exchange.request.headers
  const isKnown = known === headers.ETag
  const isCompressed = /\bgzip\b/.test(String(accepted))
  sendAnswer(exchange, {
    status: isKnown ? 304 : 200,
    contentType,
    body: isKnown ? '' : isCompressed ? compressed : body,
    headers: { ...headers, ...(isCompressed && !isKnown ? { 'Content-Encoding': 'gzip' } : {}) },
    keepsConnection: true,
  })
  return true
}

async function make(name: string, text: string): Promise<PageFile> {
  const body = Buffer.from(text)
  const ETag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`
  return {
    body,
    compressed: await promisify(gzip)(body),
    contentType: TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
    headers: {
      ETag,
      Vary: 'Accept-Encoding',
      'Cache-Control': 'no-cache',
      'Content-Security-Policy': POLICY,
      'Referrer-Policy': 'same-origin',
      'X-Frame-Options': 'DENY',
    },
  }
}
