// The doors of supervisord: /RPC2, /logtail and /mainlogtail.
// Source: supervisor 4.2.5, http.make_http_servers, xmlrpc.supervisor_xmlrpc_handler, http.logtail_handler.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { StreamLog } from '../../log/stream-log.ts'
import { isAuthorized } from '../access.ts'
import { ControlError, ERRORS } from '../errors.ts'
import { followAnyLog, type WhichLog } from '../log-verbs.ts'
import { type Door, refuseOtherSites } from '../rest/handler.ts'
import { readBytes } from '../rest/body.ts'
import { sendStream } from '../rest/stream.ts'
import { readCall } from './codec.ts'
import { Fault } from './faults.ts'
import { callMethod } from './methods.ts'
import { readTarget } from './targets.ts'
import { writeFault, writeResponse } from './values.ts'
import { XmlError } from './xml.ts'

const BODY_LIMIT_BYTES = 1024 * 1024
/** How much of a log comes before what is new. */
const BACKLOG_BYTES = 1024

/** Answers a request; never rejects. */
export async function answerAsSupervisord(
  door: Door,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const path = request.url ?? '/'
    if (!isAuthorized(request.headers.authorization, door.credentials)) refuse(response, 401)
    else if (path.startsWith('/RPC2')) await answerCall(door, request, response)
    else await answerTail(door, request, response)
  } catch (error) {
    if (!(error instanceof ControlError)) door.controlled.reportBug(error)
    refuse(response, error instanceof ControlError ? ERRORS[error.code].status : 500)
  }
}

async function answerCall(door: Door, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { headers, method } = request
  const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
  if (method !== 'POST') refuse(response, 400)
  else if (!hasBody) refuse(response, 411)
  else {
    if (door.isOnNetwork) refuseOtherSites(request)
    const body = (await readBytes(request, BODY_LIMIT_BYTES)).toString('utf8')
    const answer = await call(door, body)
    if (answer === undefined) refuse(response, 400)
    else send(response, 200, 'text/xml', answer)
  }
}

/** The XML of the answer; undefined when the call cannot be read. */
async function call({ controlled }: Door, body: string): Promise<string | undefined> {
  try {
    const { method, parameters } = readCall(body)
    return writeResponse(await callMethod(controlled, method, parameters))
  } catch (error) {
    if (error instanceof XmlError) return undefined
    if (error instanceof Fault) return writeFault(error)
    throw error
  }
}

async function answerTail(door: Door, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET') {
    refuse(response, 400)
    return
  }
  const log = await findLog(door, request.url ?? '/')
  if (log === undefined) {
    refuse(response, 404)
    return
  }
  const begin = (write: (chunk: Buffer) => void) => {
    write(log.tail(BACKLOG_BYTES))
    return log.follow(write)
  }
  sendStream(response, { kind: 'stream', contentType: 'text/plain;charset=utf-8', begin }, door.streams)
}

async function findLog({ controlled }: Door, url: string): Promise<StreamLog | undefined> {
  const which = readPath(url)
  if (which === undefined) return undefined
  try {
    return await followAnyLog.run(controlled, which)
  } catch (error) {
    if (error instanceof ControlError) return undefined
    throw error
  }
}

/** `/logtail/NAME`, `/logtail/NAME/stderr`; undefined when it names no log. */
function readPath(url: string): WhichLog | undefined {
  if (url.startsWith('/mainlogtail')) return { of: undefined }
  const [, , given = '', stream = 'stdout'] = (url.split('?')[0] ?? '').split('/').map(decode)
  const { name } = readTarget(given)
  if (name === undefined || (stream !== 'stdout' && stream !== 'stderr')) return undefined
  return { of: { name, stream } }
}

function decode(word: string): string {
  try {
    return decodeURIComponent(word)
  } catch {
    return word
  }
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  411: 'Length Required',
  413: 'Request Entity Too Large',
  500: 'Internal Server Error',
}

function refuse(response: ServerResponse, status: number): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  if (status === 401) response.setHeader('WWW-Authenticate', 'Basic realm="default"')
  send(response, status, 'text/html', `<html><body><h1>${status} ${REASONS[status] ?? ''}</h1></body></html>\n`)
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  if (response.destroyed) return
  // Node would copy a long text thrice.
  const bytes = Buffer.from(body)
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': bytes.length, Connection: 'close' })
  response.end(bytes)
}
