// Sends one request over a unix socket, on a separate connection. The client does little work, so the time is that of the daemon.

import { connect } from 'node:net'
import type { PeerName } from './peers.ts'
import { nowMs } from './running.ts'

/** An answer, and the milliseconds from before connecting until it was complete. */
export interface Answer {
  readonly ms: number
  readonly status: number
  readonly body: string
}

const REQUEST_MS = 30_000

/** Sends the request and reads the whole answer. */
export function ask(socketPath: string, method: string, path: string, body = ''): Promise<Answer> {
  const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: text/xml\r\n`
  const begun = nowMs()
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath)
    let text = ''
    const finish = () => {
      const { status, content } = readAnswer(text)
      socket.destroy()
      if (content === undefined) reject(new Error('the answer was cut off'))
      else resolve({ ms: nowMs() - begun, status, body: content })
    }
    socket.setEncoding('latin1')
    socket.setTimeout(REQUEST_MS, () => socket.destroy(new Error(`no answer within ${REQUEST_MS} ms`)))
    socket.once('error', reject)
    socket.once('end', finish)
    socket.on('data', (chunk) => {
      text += String(chunk)
      if (readAnswer(text).content !== undefined) finish()
    })
    socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  })
}

/** `content` is undefined until the answer is complete. */
function readAnswer(text: string): { status: number; content: string | undefined } {
  const end = text.indexOf('\r\n\r\n')
  const status = Number(text.slice(9, 12))
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, Math.max(end, 0)))?.[1]
  const content = text.slice(end + 4)
  const isComplete = end >= 0 && length !== undefined && content.length >= Number(length)
  return { status, content: isComplete ? content : undefined }
}

const XML =
  '<?xml version="1.0"?><methodCall><methodName>supervisor.getAllProcessInfo</methodName><params/></methodCall>'

/**
 * Requests the list of all processes, in each supervisor's own way. Rejects when the answer has another number of
 * processes.
 */
export async function askForAll(peer: PeerName, socket: string, programs: number): Promise<number> {
  const answer =
    peer === 'kahi' ? await ask(socket, 'GET', '/api/v1/processes') : await ask(socket, 'POST', '/RPC2', XML)
  const named = answer.body.match(/s\d{4}\b(?=<\/string>|",)/g) ?? []
  if (answer.status !== 200 || new Set(named).size !== programs) {
    throw new Error(`status ${answer.status} names ${new Set(named).size} of ${programs}: ${answer.body.slice(0, 300)}`)
  }
  return answer.ms
}
