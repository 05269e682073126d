// A daemon with a TCP server, and a client that sends any bytes, also invalid requests.

import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Daemon, scratch, startDaemon } from './kahi.ts'

/** The daemon, and where it listens. */
export interface Target {
  readonly daemon: Daemon
  readonly port: number
  readonly socket: string
}

/** A TCP port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Starts a daemon with the program `web`, whose log has 16 MiB; `http` is added to the settings of the TCP server. */
export async function start(http = ''): Promise<Target> {
  const folder = scratch()
  const port = await freePort()
  const socket = join(folder, 'k.sock')
  writeFileSync(join(folder, 'web.sh'), 'yes | head -c 16777216\nexec sleep 1000\n')
  writeFileSync(
    join(folder, 'kahi.toml'),
    `[server.unix]\nfile = "${socket}"\n[server.http]\nenabled = true\nlisten = "127.0.0.1:${port}"\n${/username|tokens/.test(http) ? '' : 'access = "open"\n'}${http}\n` +
      `[programs.web]\ncommand = "sh ${folder}/web.sh"\nstdout_logfile = "${folder}/web.log"\n`,
  )
  const daemon = startDaemon(['daemon', '-c', join(folder, 'kahi.toml')], { cwd: folder })
  await daemon.line('web entered RUNNING')
  return { daemon, port, socket }
}

/** Connects; the connection is closed at the end of the test. */
export async function open(port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  const client = connect({ port, host: '127.0.0.1', localAddress })
  client.on('error', () => {})
  onTestFinished(() => void client.destroy())
  await once(client, 'connect')
  return client
}

/** Sends bytes; gives all bytes of the daemon until it ends the connection. */
export async function send(port: number, text: string, localAddress?: string): Promise<string> {
  const client = await open(port, localAddress)
  const chunks: Buffer[] = []
  client.on('data', (chunk) => chunks.push(chunk))
  client.write(text)
  await once(client, 'close')
  return Buffer.concat(chunks).toString('latin1')
}

/** A request. */
export function ask(line: string, headers: readonly string[], body = ''): string {
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
  return [`${line} HTTP/1.1`, ...headers, ...length, '', body].join('\r\n')
}

/** The status of an answer. */
export function statusOf(answer: string): string {
  return answer.slice(9, 12)
}
