// Servers that receive the requests of dist/kahi, and daemons that send them.

import { writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { kahi, scratch, startReady } from './kahi.ts'

/** One request. */
export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A secret of Standard Webhooks. */
export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

/** A server that keeps requests; `status` gives the answer to request number COUNT of a path. */
export async function receiver(
  status: (path: string, count: number) => number = () => 200,
  { port = 0, answer = () => '{}' }: { readonly port?: number; readonly answer?: (path: string) => string } = {},
) {
  const got: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const path = request.url ?? ''
      got.push({ path, headers: request.headers, body })
      const code = status(path, got.filter((one) => one.path === path).length)
      response.writeHead(code, { Location: '/elsewhere', 'Retry-After': '0' }).end(answer(path))
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => void server.closeAllConnections())
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, at: (path: string) => got.filter((one) => one.path === path) }
}

/** A daemon with this configuration, in which DIR is its folder. */
export async function setUp(toml: string, files: Readonly<Record<string, string>> = {}) {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 })
  writeFileSync(file, `[server.unix]\nfile = "DIR/s"\n${toml}`.replaceAll('DIR', folder))
  const daemon = await startReady(file, { env: { HOOK_TEAM: 'blue' } })
  const ctl = (...words: readonly string[]) => kahi(['ctl', '-c', file, ...words])
  return { folder, file, daemon, ctl }
}

/** A program that writes a line to each stream, and exits with 3. */
export const BAD =
  '[programs.bad]\ncommand = "sh -c \'echo out; echo err >&2; exit 3\'"\nstartsecs = 0\nautorestart = false\n'
