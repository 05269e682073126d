// The paths of supervisord: /RPC2, /logtail and /mainlogtail. Source: supervisor 4.2.5, http.make_http_servers,
// xmlrpc.supervisor_xmlrpc_handler, http.logtail_handler.

import type { Caller as Client } from '../http/access.ts'
import { admit, auditOf, errorHeaders, isStranger, refuseRole } from '../http/admit.ts'
import { ControlError, ERRORS } from '../operations/errors.ts'
import { type WhichLog, followAnyLog } from '../operations/logs.ts'
import type { Controlled, StreamLog } from '../operations/supervised.ts'
import type { Exchange, Handler } from '../http/protocol.ts'
import { refuse, sendAnswer } from '../http/send.ts'
import { readBytes, roomFor } from '../http/body.ts'
import { sendStream } from '../http/stream.ts'
import { readCall } from './codec.ts'
import { Fault } from './faults.ts'
import type { Caller } from './method.ts'
import { callMethod } from './methods.ts'
import { readTarget } from './targets.ts'
import { writeFault, writeResponse } from './values.ts'
import { XmlError } from './xml.ts'

const BODY_LIMIT_BYTES = 1024 * 1024
/** How much of the existing log is sent before new output. */
const BACKLOG_BYTES = 1024

/** Answers requests of clients of supervisord. */
export function xmlrpcHandler(controlled: Controlled): Handler {
  return async (exchange) => {
    try {
      const caller = await admit(exchange)
      refuseRole(caller, exchange.wanted.path.startsWith('/RPC2') ? 'admin' : 'read')
      if (exchange.wanted.path.startsWith('/RPC2')) await answerCall(controlled, exchange, caller)
      else await answerTail(controlled, exchange)
    } catch (error) {
      const known = error instanceof ControlError ? error : new ControlError('SERVER_ERROR')
      if (known !== error) controlled.reportBug(error)
      refuse(exchange, ERRORS[known.code].status, errorHeaders(known))
    }
  }
}

async function answerCall(controlled: Controlled, exchange: Exchange, client: Client | undefined): Promise<void> {
  const { headers, method } = exchange.request
  const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
  if (method !== 'POST') return refuse(exchange, 400)
  if (!hasBody) return refuse(exchange, 411)
  const body = (await readBytes(exchange, BODY_LIMIT_BYTES)).toString('utf8')
  const caller = {
    room: roomFor(exchange),
    isStranger: isStranger(exchange),
    // supervisord logs nothing of that kind
    audit: controlled.calledAs === 'kahi' ? (action: string) => auditOf(exchange, client, action) : () => () => {},
  }
  const answer = await call(controlled, body, caller)
  if (answer === undefined) refuse(exchange, 400)
  // Clients that write their requests themselves send all of them on one connection.
  else sendAnswer(exchange, { status: 200, contentType: 'text/xml', body: answer, keepsConnection: true })
}

/** The XML of the answer; undefined when the call cannot be read. */
async function call(controlled: Controlled, body: string, caller: Caller): Promise<string | undefined> {
  try {
    const { method, parameters } = readCall(body)
    return writeResponse(await callMethod(controlled, method, parameters, caller))
  } catch (error) {
    if (error instanceof XmlError) return undefined
    if (error instanceof Fault) return writeFault(error)
    throw error
  }
}

async function answerTail(controlled: Controlled, exchange: Exchange): Promise<void> {
  const { request, wanted } = exchange
  if (request.method !== 'GET') return refuse(exchange, 400)
  const log = await findLog(controlled, wanted.path)
  if (log === undefined) return refuse(exchange, 404)
  const begin = (write: (chunk: Buffer) => void) => {
    write(log.tail(BACKLOG_BYTES))
    return log.follow(write)
  }
  sendStream(exchange, { contentType: 'text/plain;charset=utf-8', begin })
}

async function findLog(controlled: Controlled, path: string): Promise<StreamLog | undefined> {
  const which = readPath(path)
  if (which === undefined) return undefined
  try {
    return await followAnyLog.run(controlled, which)
  } catch (error) {
    if (error instanceof ControlError) return undefined
    throw error
  }
}

/** `/logtail/NAME`, `/logtail/NAME/stderr`; undefined when the path names no log. */
function readPath(path: string): WhichLog | undefined {
  if (path.startsWith('/mainlogtail')) return { of: undefined }
  const [, , given = '', stream = 'stdout', ...more] = path.split('/')
  if (more.length > 0) return undefined
  const { name } = readTarget(given)
  if (name === undefined || (stream !== 'stdout' && stream !== 'stderr')) return undefined
  return { of: { name, stream } }
}
