// The body of a request, up to a limit.

import type { IncomingMessage } from 'node:http'
import { ControlError } from '../errors.ts'

/** Reads it; throws TOO_LARGE, and BAD_REQUEST when it was cut off. */
export async function readBytes(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    // Leaving the loop early must not end the connection: the answer still has to go out.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += chunk.length
      if (size > limitBytes) break
      chunks.push(chunk)
    }
  } catch {
    throw new ControlError('BAD_REQUEST', 'the request was cut off')
  }
  if (size > limitBytes) throw new ControlError('TOO_LARGE')
  return Buffer.concat(chunks)
}
