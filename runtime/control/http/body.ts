// The body of a request, which is read up to a limit, and the memory for its answer.

import { ControlError } from '../operations/errors.ts'
import type { Room } from '../operations/operation.ts'
import type { Exchange } from './protocol.ts'

/**
 * Reads the body; then the request counts as complete. Throws TOO_LARGE, BUSY when the requests of all clients
 * together are too long, and BAD_REQUEST when it was cut off.
 */
export function readBytes({ request, response, server }: Exchange, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    let isRead = false
    const refuse = (code: 'TOO_LARGE' | 'BUSY' | 'BAD_REQUEST', reason?: string): void => {
      isRead = true
      request.pause()
      reject(new ControlError(code, reason))
    }
    const close = (): void => {
      if (!isRead) refuse('BAD_REQUEST', 'the request was cut off')
    }
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (isRead) return
      if (size > limitBytes) refuse('TOO_LARGE')
      else if (!server.memory.add(response, chunk.length)) refuse('BUSY')
      else chunks.push(chunk)
    })
    request.once('end', () => {
      isRead = true
      server.memory.works(response)
      resolve(Buffer.concat(chunks))
    })
    request.once('error', close)
    request.once('close', close)
    if (request.destroyed) close()
  })
}

/** Gives the answer of an exchange its memory before it is made. */
export function roomFor({ response, server }: Exchange): Room {
  return async (bytes) => {
    if (!(await server.memory.room(response, bytes))) throw new ControlError('BUSY')
  }
}
