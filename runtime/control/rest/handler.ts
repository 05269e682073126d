// One request from its head to its answer: which route, who asks, from where, the body, the handler, the answer.
// Every answer ends its connection: requests are few and local, and no idle connection has to be watched then.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Credentials } from '../../../config/config.ts'
import { isAuthorized } from '../access.ts'
import { ControlError, ERRORS, errorBody } from '../errors.ts'
import type { Controlled } from '../supervised.ts'
import { readBytes } from './body.ts'
import { matchRoute } from './match.ts'
import type { Reply } from './reply.ts'
import type { Route } from './routes.ts'
import { sendStream } from './stream.ts'

const BODY_LIMIT_BYTES = 64 * 1024

/** What a server answers with. */
export interface Door {
  readonly controlled: Controlled
  readonly routes: readonly Route[]
  readonly credentials: Credentials | undefined
  /** Browsers can reach it: requests that other sites make them send are refused. */
  readonly isOnNetwork: boolean
  /** Ends the streams that are being sent, each. */
  readonly streams: Set<() => void>
}

/** Answers a request; never rejects. */
export async function answer(door: Door, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    send(door, response, await respond(door, request))
  } catch (error) {
    sendError(door, response, error)
  }
}

async function respond(door: Door, request: IncomingMessage): Promise<Reply> {
  const url = readUrl(request)
  const isOpen = door.routes.some((route) => route.access === 'open' && route.path === url.pathname)
  if (!isOpen && !isAuthorized(request.headers.authorization, door.credentials)) throw new ControlError('UNAUTHORIZED')
  const { route, path } = matchRoute(door.routes, request.method ?? 'GET', url.pathname)
  if (door.isOnNetwork && route.method !== 'GET') refuseOtherSites(request)
  const text = (await readBytes(request, BODY_LIMIT_BYTES)).toString('utf8').trim()
  const accept = request.headers.accept ?? ''
  return route.handle({
    controlled: door.controlled,
    path,
    query: url.searchParams,
    body: readJson(text),
    text,
    accept,
  })
}

function readUrl(request: IncomingMessage): URL {
  try {
    return new URL(`http://kahi${request.url ?? '/'}`)
  } catch {
    throw new ControlError('BAD_REQUEST', 'the request has no readable path')
  }
}

/** Browsers name the site a page came from; pages of other sites must not control this daemon. */
export function refuseOtherSites(request: IncomingMessage): void {
  const { origin, host } = request.headers
  if (origin === undefined) return
  if (URL.canParse(origin) && new URL(origin).host === host) return
  throw new ControlError('FORBIDDEN')
}

function readJson(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new ControlError('BAD_REQUEST', 'the body is not JSON')
  }
}

function send(door: Door, response: ServerResponse, reply: Reply): void {
  if (response.destroyed) return
  if (reply.kind === 'stream') {
    sendStream(response, reply, door.streams)
  } else if (reply.kind === 'json') {
    sendText(response, reply.status, 'application/json', `${JSON.stringify(reply.body)}\n`)
  } else {
    sendText(response, 200, 'text/plain; charset=utf-8', reply.body)
  }
}

function sendError(door: Door, response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const known = error instanceof ControlError ? error : new ControlError('SERVER_ERROR')
  if (known !== error) door.controlled.reportBug(error)
  if (known.code === 'UNAUTHORIZED') response.setHeader('WWW-Authenticate', 'Basic realm="default"')
  sendText(response, ERRORS[known.code].status, 'application/json', `${JSON.stringify(errorBody(known))}\n`)
}

function sendText(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    Connection: 'close',
  })
  response.end(body)
}
