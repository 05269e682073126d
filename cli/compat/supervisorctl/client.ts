// The connection of supervisorctl to a daemon: calls over XML-RPC, and logs as they are written. Each request has its
// own connection.

import { type IncomingMessage, request, type RequestOptions } from 'node:http'
import { readResponse } from '../../../runtime/control/xmlrpc/codec.ts'
import { type Value, writeCall } from '../../../runtime/control/xmlrpc/values.ts'

/** The address of the daemon, and the credentials. */
export interface Address {
  readonly url: string
  readonly username: string | undefined
  readonly password: string | undefined
}

/** The daemon answered a call with a fault. */
export class RpcFault extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** The server answered with an HTTP error. */
export class BadStatus extends Error {
  readonly status: number

  constructor(status: number, reason: string) {
    super(`${status} ${reason}`)
    this.status = status
  }
}

/** Calls a method. Rejects with RpcFault, BadStatus, or the error of the system. */
export async function call(address: Address, method: string, parameters: readonly Value[]): Promise<Value> {
  const body = writeCall(`supervisor.${method}`, parameters)
  const headers = { 'Content-Type': 'text/xml', Accept: 'text/xml', 'Content-Length': Buffer.byteLength(body) }
  const response = await send(address, { method: 'POST', path: '/RPC2', headers }, body)
  const text = await readAll(response)
  if (response.statusCode !== 200) throw new BadStatus(response.statusCode ?? 0, response.statusMessage ?? '')
  const answer = readResponse(text)
  if ('value' in answer) return answer.value
  const { faultCode, faultString } = answer.fault as { readonly faultCode: Value; readonly faultString: Value }
  throw new RpcFault(Number(faultCode), String(faultString))
}

/** Passes on the data of a path until the daemon ends it or `stop` is aborted. Rejects as call() does. */
export async function follow(
  address: Address,
  path: string,
  give: (chunk: Buffer) => void,
  stop: AbortSignal,
): Promise<void> {
  // Without this header supervisord would send nothing until the end.
  const headers = { Connection: 'keep-alive' }
  const response = await send(address, { method: 'GET', path, headers, signal: stop }, '')
  if (response.statusCode !== 200) {
    response.destroy()
    throw new BadStatus(response.statusCode ?? 0, response.statusMessage ?? '')
  }
  try {
    for await (const chunk of response) give(chunk as Buffer)
  } catch (error) {
    if (!stop.aborted) throw error
  }
}

function send(address: Address, options: RequestOptions, body: string): Promise<IncomingMessage> {
  const { username, password } = address
  const authorization =
    username === undefined || password === undefined
      ? {}
      : { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
  return new Promise((resolve, reject) => {
    const headers = { ...(options.headers as Record<string, string>), ...authorization }
    const outgoing = request({ ...placeOf(address), ...options, headers, agent: false })
    outgoing.once('response', resolve)
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}

function placeOf({ url }: Address): RequestOptions {
  if (url.startsWith('unix://')) return { socketPath: url.slice('unix://'.length) }
  const { hostname, port } = new URL(url)
  return { hostname, port: port === '' ? 80 : Number(port) }
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
