// Asks a server for the status of an answer, and reads no more. It does what `request` of node:http does for such a check,
// in half of the time: hundreds of checks a second must cost little. All other requests are those of node:http.

import { connect } from 'node:net'
import type { HttpRules } from '../../../config/model/checks.ts'
import { errnoCode } from '../../system/files.ts'

/** With these the request has more than a head, or the connection another use. */
const OTHER_HEADERS = ['content-length', 'transfer-encoding', 'expect', 'upgrade', 'trailer']
/** Source: Node.js 20, lib/_http_client.js: methods for which no empty body is announced. */
const WITHOUT_BODY = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']
/** A head may have so many bytes. Source: Node.js 20, --max-http-header-size. */
const LONGEST_HEAD = 16_384

/** A request that needs nothing but the status of its answer. */
export interface StatusRequest {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
}

/** The request of a check; undefined when it needs more than the status, or another connection. */
export function statusRequest(
  text: string,
  { method = 'GET', headers = {}, body }: HttpRules,
): StatusRequest | undefined {
  const url = new URL(text)
  if (url.protocol !== 'http:' || url.username !== '' || url.password !== '' || body !== undefined) return undefined
  if (Object.keys(headers).some((name) => OTHER_HEADERS.includes(name.toLowerCase()))) return undefined
  return { url, method, headers }
}

/** Gives the status, or a text that says what is wrong. Aborting the signal ends it. */
export function askStatus(request: StatusRequest, signal: AbortSignal): Promise<number | string> {
  const { hostname, port } = request.url
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port || 80) }, () => void socket.write(headOf(request), 'latin1'))
    const end = (result: number | string): void => {
      socket.destroy()
      resolve(result)
    }
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      const status = statusIn(text)
      if (status !== undefined) end(status)
      else if (text.length > LONGEST_HEAD) end('the answer is not HTTP')
    })
    socket.once('end', () => end(text === '' ? 'ECONNRESET' : 'the answer is not HTTP'))
    socket.once('error', (error) => end(errnoCode(error)))
    signal.addEventListener('abort', () => end('no answer'), { once: true })
  })
}

function headOf({ url, method, headers }: StatusRequest): string {
  const own = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'connection')
  const host = own.some(([name]) => name.toLowerCase() === 'host') ? [] : [['Host', url.host]]
  const length = WITHOUT_BODY.includes(method) ? [] : [['Content-Length', '0']]
  const lines = [...own, ...host, ...length, ['Connection', 'close']].map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('')}\r\n`
}

/** The status of the first answer that is not only information (1xx); a text when it is no HTTP; undefined for more. */
function statusIn(text: string): number | string | undefined {
  for (let from = 0; ;) {
    const line = text.indexOf('\n', from)
    if (line < 0) return undefined
    const [, status = ''] = /^HTTP\/\d\.\d (\d{3})(?:[ \r]|$)/.exec(text.slice(from, line)) ?? []
    if (status === '') return 'the answer is not HTTP'
    if (!status.startsWith('1') || status === '101') return Number(status)
    const head = /\r?\n\r?\n/g
    head.lastIndex = line - 1
    if (head.exec(text) === null) return undefined
    from = head.lastIndex
  }
}
