// Sends requests to control over a real socket. The services are plain objects. Every answer is checked against the OpenAPI document.

import { once } from 'node:events'
import { request } from 'node:http'
import { onTestFinished } from 'vitest'
import type { Server } from '../../config/settings/server.ts'
import { openServers } from '../../runtime/control/http/server.ts'
import { protocolsFor } from '../../runtime/control/protocols.ts'
import { systemClock } from '../../runtime/system/clock.ts'
import { expectDocumented } from './contract.ts'
import { control, type FakeControlled } from './fakes.ts'

/** An answer. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** The parts of a request besides the path. */
export interface Ask {
  readonly method?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A server on a unix socket. */
export function unixServer(file: string, extra: Partial<Extract<Server, { kind: 'unix' }>> = {}): Server {
  return { kind: 'unix', file, chmod: 0o700, chown: { uid: -1, gid: -1 }, credentials: undefined, ...extra }
}

/** Opens servers, which close at the end of the test; `log` has the lines that they log. */
export async function open(servers: readonly Server[], controlled: FakeControlled = control([])) {
  const clock = systemClock()
  const log: string[] = []
  const opened = await openServers(servers, {
    protocols: protocolsFor(controlled),
    reportBug: (error) => controlled.reportBug(error),
    after: (ms, callback) => clock.after(ms, callback),
    nowMs: () => clock.nowMs(),
    warn: (message) => void log.push(message),
    log: (message) => void log.push(message),
    audit: () => {},
    helper: '/none',
  })
  onTestFinished(() => opened.close())
  return { ...opened, log }
}

/** One request; fails the test when its answer is not documented. */
export async function ask(
  where: { socketPath: string } | { port: number },
  path: string,
  options: Ask = {},
): Promise<Answer> {
  const { method = 'GET', body = '', headers = {} } = options
  const outgoing = request({ ...where, host: '127.0.0.1', path, method, headers, agent: false })
  outgoing.end(body)
  const [response] = await once(outgoing, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  const answer = { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() }
  expectDocumented(method, path, { ...answer, type: String(response.headers['content-type']) })
  return answer
}
