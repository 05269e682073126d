// TLS for a TCP server. The certificate is read again when its files have changed, so a renewed one is used from the next
// connection on; one that cannot be used is reported, and the old one stays.

import { statSync } from 'node:fs'
import type { Socket } from 'node:net'
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import { errnoCode } from '../../system/files.ts'
import { readProgram } from '../../system/guarded.ts'
import { StartError } from '../operations/errors.ts'

/** Paths of a certificate with its chain, and of its key, both PEM. */
export interface TlsFiles {
  readonly certificate: string
  readonly key: string
}

/** The files are looked at once in so many milliseconds at most. */
const LOOK_MS = 1000
/** The longest file that is read, in bytes. */
const MOST_BYTES = 1024 * 1024

/** Makes secure connections of plain ones. Throws StartError when the files cannot be used. */
export function openTls(
  files: TlsFiles,
  { nowMs, warn }: { nowMs(): number; warn(message: string): void },
): (socket: Socket) => TLSSocket {
  let stamp = stampOf(files)
  let lookedMs = nowMs()
  let context: SecureContext
  try {
    context = read(files)
  } catch (error) {
    throw new StartError(problem(files, error), 2)
  }
  const renew = (): void => {
    if (nowMs() - lookedMs < LOOK_MS) return
    lookedMs = nowMs()
    const now = stampOf(files)
    if (now === stamp) return
    stamp = now
    try {
      context = read(files)
      warn(`the certificate ${files.certificate} was read again`)
    } catch (error) {
      warn(`${problem(files, error)}; the old one stays in use`)
    }
  }
  return (socket) => {
    renew()
    return new TLSSocket(socket, { isServer: true, secureContext: context })
  }
}

/** The user who renews the certificate may be another one: a FIFO in its place must not be waited for. */
function read({ certificate, key }: TlsFiles): SecureContext {
  const [cert, secret] = [certificate, key].map((path) => readProgram(path, MOST_BYTES))
  return createSecureContext({ cert, key: secret, minVersion: 'TLSv1.2' })
}

/** Says whether the files are others than before. Never throws: links in a ring and the like are errors of read(). */
function stampOf({ certificate, key }: TlsFiles): string {
  return [certificate, key]
    .map((path) => {
      try {
        const { ino, size, mtimeMs } = statSync(path)
        return `${ino} ${size} ${mtimeMs}`
      } catch (error) {
        return errnoCode(error)
      }
    })
    .join(' ')
}

function problem({ certificate, key }: TlsFiles, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error)
  return `Cannot use the certificate ${certificate} with the key ${key}: ${reason}`
}
