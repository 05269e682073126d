// The page for browsers, and for health checks that only ask whether there is a page (`curl -f http://localhost:9001`):
// a list of all processes with their states. Every path that belongs to no protocol is answered here too. Source:
// supervisor 4.2.5, web.supervisor_ui_handler; medusa default_handler: 404, and 400 for methods other than GET and
// HEAD.

import { namespec } from '../../../config/model/names.ts'
import { admit, errorHeaders } from '../http/admit.ts'
import type { Exchange, Handler } from '../http/protocol.ts'
import { sendAnswer } from '../http/send.ts'
import { ControlError, ERRORS } from '../operations/errors.ts'
import { list } from '../operations/processes.ts'
import type { ProcessObject } from '../operations/shapes/process.ts'
import type { Controlled } from '../operations/supervised.ts'

/** The page loads and runs nothing, and cannot be framed. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

/** Answers with the page. */
export function webHandler(controlled: Controlled): Handler {
  return async (exchange) => {
    try {
      await respond(controlled, exchange)
    } catch (error) {
      const known = error instanceof ControlError ? error : new ControlError('SERVER_ERROR')
      if (known !== error) controlled.reportBug(error)
      sendPage(exchange, ERRORS[known.code].status, `<h1>${escape(known.message)}</h1>`, errorHeaders(known))
    }
  }
}

async function respond(controlled: Controlled, exchange: Exchange): Promise<void> {
  await admit(exchange)
  const { method = 'GET', url = '/' } = exchange.request
  exchange.request.resume()
  if (method !== 'GET' && method !== 'HEAD') sendPage(exchange, 400, '<h1>400 Bad Request</h1>')
  else if (!/^\/+(?:index\.html)?(?:\?|$)/.test(url)) sendPage(exchange, 404, '<h1>404 Not Found</h1>')
  else sendPage(exchange, 200, table(await list.run(controlled, {})))
}

function sendPage(
  exchange: Exchange,
  status: number,
  content: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = `<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>kahi</title><style>${STYLE}</style></head><body>\n${content}\n</body></html>\n`
  sendAnswer(exchange, {
    status,
    contentType: 'text/html; charset=utf-8',
    body,
    headers: { 'Content-Security-Policy': POLICY, ...headers },
  })
}

const STYLE = 'body{font-family:sans-serif;margin:2em}td,th{text-align:left;padding:.2em 1em .2em 0}'

function table(processes: readonly ProcessObject[]): string {
  const rows = processes.map(
    ({ group, name, state, description }) =>
      `<tr><td>${escape(namespec(group, name))}</td><td>${state}</td><td>${escape(description)}</td></tr>`,
  )
  return ['<table>', '<tr><th>process</th><th>state</th><th></th></tr>', ...rows, '</table>'].join('\n')
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escape(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? '')
}
