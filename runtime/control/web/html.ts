// Pieces of the pages: texts, and the page around a content.

import type { Exchange } from '../http/protocol.ts'
import { sendAnswer } from '../http/send.ts'

/** A page loads and runs nothing, and cannot be framed; its buttons lead to this server. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"

const STYLE = [
  'body{font-family:sans-serif;margin:2em}',
  'td,th{text-align:left;padding:.2em 1em .2em 0}',
  'form{display:inline}',
  '.statusrunning{color:green}.statuserror{color:red}',
].join('')

/** Sends a page. */
export function sendPage(exchange: Exchange, title: string, content: string): void {
  const head = `<meta charset="utf-8"><title>${escape(title)}</title><style>${STYLE}</style>`
  const body = `<!DOCTYPE html>\n<html lang="en"><head>${head}</head><body>\n${content}\n</body></html>\n`
  const headers = { 'Content-Security-Policy': POLICY }
  sendAnswer(exchange, {
    status: 200,
    contentType: 'text/html;charset=utf-8',
    body,
    headers,
    keepsConnection: true,
  })
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** A text as HTML, also for the value of an attribute. */
export function escape(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? '')
}
