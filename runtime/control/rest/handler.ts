// Handles one request: finds the row, checks access and origin, reads query and body, calls the operation, and sends
// the answer. Every answer ends its connection: requests are few and local, and so no idle connection has to be
// watched.

import { admit, auditOf, errorHeaders, isStranger, refuseRole } from '../http/admit.ts'
import { sendCached } from '../http/cached.ts'
import { readBytes, roomFor } from '../http/body.ts'
import type { Exchange, Handler } from '../http/protocol.ts'
import { sendAnswer } from '../http/send.ts'
import { sendStream, type StreamAnswer } from '../http/stream.ts'
import { ControlError, ERRORS, errorBody } from '../operations/errors.ts'
import type { Controlled, Exposition } from '../operations/supervised.ts'
import { check, NO_BODY, NO_QUERY } from './check.ts'
import { type Match, matcher } from './match.ts'
import { Part, type Row, Unavailable } from './row.ts'
import { rows } from './rows.ts'

const BODY_LIMIT_BYTES = 64 * 1024

const find = matcher(rows)

/** Answers requests to the REST interface. */
export function restHandler(controlled: Controlled): Handler {
  return async (exchange) => {
    try {
      await respond(controlled, exchange)
    } catch (error) {
      sendError(controlled, exchange, error)
    }
  }
}

async function respond(controlled: Controlled, exchange: Exchange): Promise<void> {
  const { request } = exchange
  const url = request.url ?? '/'
  const mark = url.indexOf('?')
  const { isTrusted, row, path } = await findRow(exchange, mark < 0 ? url : url.slice(0, mark))
  const text = (await readBytes(exchange, BODY_LIMIT_BYTES)).toString('utf8').trim()
  const parameters = readQuery(new URLSearchParams(mark < 0 ? '' : url.slice(mark)))
  const query = check(row.query ?? NO_QUERY, parameters, 'query')
  const body = check(row.body ?? NO_BODY, readJson(text), 'body')
  const accept = request.headers.accept ?? ''
  const answer = await row.run({
    controlled,
    path,
    query,
    body,
    text,
    accept,
    lastEventId: String(request.headers['last-event-id'] ?? ''),
    range: request.headers.range ?? '',
    describe,
    isTrusted,
    isStranger: isStranger(exchange),
    room: roomFor(exchange),
  })
  if (answer instanceof Unavailable) sendJson(exchange, 503, answer.body)
  else if (row.answer === 'stream') sendStream(exchange, answer as StreamAnswer)
  else if (row.answer === 'text') sendText(exchange, answer as Buffer | Part)
  else if (row.answer === 'metrics') await sendCached(exchange, { status: 200, ...(answer as Exposition) })
  else if (request.method === 'POST') sendJson(exchange, 200, answer)
  else await sendCached(exchange, { status: 200, contentType: 'application/json', body: `${JSON.stringify(answer)}\n` })
}

function sendText(exchange: Exchange, answer: Buffer | Part): void {
  const text = { contentType: 'text/plain; charset=utf-8', headers: { 'Accept-Ranges': 'bytes' } }
  if (!(answer instanceof Part)) {
    sendAnswer(exchange, { ...text, status: 200, body: answer })
    return
  }
  const { bytes, first, size } = answer
  const headers = { ...text.headers, 'Content-Range': `bytes ${first}-${first + bytes.length - 1}/${size}` }
  sendAnswer(exchange, { ...text, status: 206, body: bytes, headers })
}

/** Loaded only for this request. */
async function describe(): Promise<object> {
  const { openapi } = await import('./openapi.ts')
  return openapi(rows)
}

/** Finds the row, if the client may use it. A client without credentials must not learn which paths exist. */
async function findRow(exchange: Exchange, pathname: string): Promise<Match & { readonly isTrusted: boolean }> {
  const { request } = exchange
  const caller = await admit(exchange, isOpen(pathname))
  const { method = 'GET' } = request
  const match = find(method === 'HEAD' ? 'GET' : method, pathname)
  if (match.row.runsCommands === true && isStranger(exchange)) throw new ControlError('PASSWORD_NEEDED')
  const { access } = match.row
  const isAudited = access === 'control' || access === 'admin'
  if (isAudited) {
    const tell = auditOf(exchange, caller, `${method} ${pathname}`)
    exchange.response.once('close', () => tell(String(exchange.response.statusCode)))
  }
  if (access !== 'open') refuseRole(caller, access)
  return { ...match, isTrusted: caller !== undefined }
}

function isOpen(pathname: string): boolean {
  return Object.entries<Row>(rows).some(([key, { access }]) => access === 'open' && key.endsWith(` ${pathname}`))
}

/** A parameter that is given twice is refused. */
function readQuery(parameters: URLSearchParams): Readonly<Record<string, unknown>> {
  const names = [...new Set(parameters.keys())]
  return Object.fromEntries(
    names.map((name) => {
      const values = parameters.getAll(name)
      return [name, values.length === 1 ? values[0] : values]
    }),
  )
}

function readJson(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new ControlError('BAD_REQUEST', 'the body is not JSON')
  }
}

function sendError(controlled: Controlled, exchange: Exchange, error: unknown): void {
  const known = error instanceof ControlError ? error : new ControlError('SERVER_ERROR')
  if (known !== error) controlled.reportBug(error)
  sendJson(exchange, ERRORS[known.code].status, errorBody(known), errorHeaders(known))
}

function sendJson(
  exchange: Exchange,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendAnswer(exchange, { status, contentType: 'application/json', body: `${JSON.stringify(value)}\n`, headers })
}
