// Sends messages of syslog over UDP, TCP, TLS, and unix sockets. A connection stays open until an error or the end. Datagrams
// of unix sockets are sent by the helper, because Node.js has none.

import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { connect as connectPlain, isIP, isIPv6, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { LogTarget } from '../../config/settings/receivers.ts'
import type { Outcome } from '../outbound/outcome.ts'
import type { SyslogSender } from '../log/syslog.ts'
import type { Clock } from '../system/clock.ts'
import { errnoCode } from '../system/files.ts'
import { extraAuthorities, readAuthorities } from '../system/authorities.ts'
import { counted } from './syslog-message.ts'

const PORTS: Readonly<Record<string, number>> = { udp: 514, tcp: 601, tls: 6514 }
/** The end of a connection is waited for so long. */
const CLOSE_MS = 1000

const MOST_RECEIVED_BYTES = 64 * 1024

/** What it needs. */
export interface SyslogParts {
  readonly clock: Clock
  /** Sends datagrams to a unix socket. */
  readonly datagrams: SyslogSender
}

/** Sends messages to one server. */
export class SyslogConnection {
  readonly #settings: Pick<LogTarget, 'url' | 'ca' | 'timeout'>
  readonly #parts: SyslogParts
  #stream: Socket | undefined
  #udp: UdpSocket | undefined

  constructor(settings: Pick<LogTarget, 'url' | 'ca' | 'timeout'>, parts: SyslogParts) {
    this.#settings = settings
    this.#parts = parts
  }

  /** Sends messages. `done` says how many of them were sent when the outcome is a failure. Never rejects. */
  async send(messages: readonly string[], abort: AbortSignal): Promise<Outcome & { readonly done?: number }> {
    const { url } = this.#settings
    if (url.startsWith('unix:')) return this.#sendUnix(url.slice('unix://'.length), messages, abort)
    if (url.startsWith('udp:')) return this.#sendUdp(messages, abort)
    return this.#sendStream(messages, abort)
  }

  /**
   * Ends the connection after what was written; for TLS with its notice, without which receivers report an attack. Resolves
   * when that is sent, or after a second.
   */
  async close(): Promise<void> {
    const stream = this.#stream
    this.#forget()
    if (stream === undefined || stream.destroyed) return
    await new Promise<void>((resolve) => {
      const limit = this.#parts.clock.after(CLOSE_MS, () => void stream.destroy())
      stream.once('close', () => {
        limit.cancel()
        resolve()
      })
      stream.destroySoon()
    })
  }

  /** Ends the connection at once. */
  #abort(): void {
    this.#stream?.destroy()
    this.#forget()
  }

  #forget(): void {
    this.#stream = undefined
    this.#udp?.close()
    this.#udp = undefined
  }

  async #sendUnix(path: string, messages: readonly string[], abort: AbortSignal): Promise<Outcome & { done?: number }> {
    return oneByOne(messages, abort, async (message) => {
      const { dropped, code } = await this.#parts.datagrams(path, [message])
      if (dropped > 0) throw Object.assign(new Error(code), { code })
    })
  }

  async #sendUdp(messages: readonly string[], abort: AbortSignal): Promise<Outcome & { done?: number }> {
    const outcome = await oneByOne(messages, abort, async (message) => {
      const socket = (this.#udp ??= await this.#within(openUdp(this.#settings.url), () => {}))
      await new Promise<void>((resolve, reject) =>
        socket.send(message, (error) => (error === null ? resolve() : reject(error))),
      )
    })
    if (outcome.kind !== 'sent') this.#abort()
    return outcome
  }

  async #sendStream(messages: readonly string[], abort: AbortSignal): Promise<Outcome> {
    const stop = (): void => this.#abort()
    abort.addEventListener('abort', stop, { once: true })
    try {
      await this.#within(this.#write(messages.map(counted).join('')), stop)
      return { kind: 'sent' }
    } catch (error) {
      this.#abort()
      return { kind: 'failed', reason: errnoCode(error) }
    } finally {
      abort.removeEventListener('abort', stop)
    }
  }

  /** Resolves when the kernel has taken all bytes. */
  async #write(text: string): Promise<void> {
    const socket = this.#stream ?? (await this.#connect())
    await new Promise<void>((resolve, reject) => {
      const lost = (): void => reject(new Error('the connection was closed'))
      socket.once('close', lost)
      socket.write(text, (error) => {
        socket.off('close', lost)
        if (error === undefined || error === null) resolve()
        else reject(error)
      })
    })
  }

  #connect(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = open(this.#settings)
      this.#stream = socket
      const isTls = this.#settings.url.startsWith('tls:')
      socket.once(isTls ? 'secureConnect' : 'connect', () => resolve(socket))
      socket.on('error', reject)
      socket.once('close', () => {
        if (this.#stream === socket) this.#stream = undefined
        reject(new Error('the connection was closed'))
      })
      // syslog has no answers: what comes is thrown away, and a server that keeps sending costs time
      let received = 0
      socket.on('data', (chunk) => {
        received += chunk.length
        if (received > MOST_RECEIVED_BYTES) socket.destroy(new Error('the server sends data'))
      })
    })
  }

  async #within<T>(work: Promise<T>, late: () => void): Promise<T> {
    const { timeout } = this.#settings
    if (timeout === 0) return work
    let timer: { cancel(): void } | undefined
    const limit = new Promise<never>((_resolve, reject) => {
      timer = this.#parts.clock.after(timeout * 1000, () => {
        reject(new Error('not sent in time'))
        late()
      })
    })
    return Promise.race([work, limit]).finally(() => timer?.cancel())
  }
}

async function oneByOne(
  messages: readonly string[],
  abort: AbortSignal,
  send: (message: string) => Promise<void>,
): Promise<Outcome & { done?: number }> {
  let done = 0
  try {
    for (const message of messages) {
      if (abort.aborted) return { kind: 'failed', reason: 'the daemon ends', done }
      await send(message)
      done += 1
    }
    return { kind: 'sent' }
  } catch (error) {
    return { kind: 'failed', reason: errnoCode(error), done }
  }
}

function addressOf(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return { host, port: port === '' ? (PORTS[protocol.slice(0, -1)] ?? 514) : Number(port) }
}

function open({ url, ca }: Pick<LogTarget, 'url' | 'ca'>): Socket {
  if (url.startsWith('unix-stream:')) return connectPlain({ path: url.slice('unix-stream://'.length) })
  const { host, port } = addressOf(url)
  if (url.startsWith('tcp:')) return connectPlain({ host, port })
  const authorities = { ca: ca === undefined ? extraAuthorities() : readAuthorities(ca) }
  return connectTls({
    host,
    port,
    ...(isIP(host) === 0 && { servername: host }),
    minVersion: 'TLSv1.2',
    ...authorities,
  })
}

/** A connected socket: then the system reports that nothing listens. */
function openUdp(url: string): Promise<UdpSocket> {
  const { host, port } = addressOf(url)
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    socket.on('error', reject)
    socket.connect(port, host, () => resolve(socket))
  })
}
