// Reads the body of a request, up to a limit.

import type { IncomingMessage } from 'node:http'
import { ControlError } from '../operations/errors.ts'

/** Reads the body. Throws TOO_LARGE, and BAD_REQUEST when it was cut off. */
export function readBytes(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    let isRead = false
    const refuse = (code: 'TOO_LARGE' | 'BAD_REQUEST', reason?: string): void => {
      request.pause()
      reject(new ControlError(code, reason))
    }
    const close = (): void => {
      if (!isRead) refuse('BAD_REQUEST', 'the request was cut off')
    }
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limitBytes) refuse('TOO_LARGE')
      else chunks.push(chunk)
    })
    request.once('end', () => {
      isRead = true
      resolve(Buffer.concat(chunks))
    })
    request.once('error', close)
    request.once('close', close)
    if (request.destroyed) close()
  })
}
