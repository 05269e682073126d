// A connection to a daemon over TLS. The certificate is checked before a byte of the request, which has credentials, is sent.

import { readFileSync } from 'node:fs'
import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'

/** What the certificate is checked with; without both the authorities of Node.js. */
export interface Trust {
  /** File with certificates of authorities, PEM. */
  readonly ca?: string | undefined
  /** SHA-256 of the certificate, 64 hexadecimal digits: then nothing else is checked. */
  readonly fingerprint?: string | undefined
}

/** Connects. Rejects with an error whose code, or else message, is for users. */
export function connectSecurely({ hostname, port }: URL, { ca, fingerprint }: Trust): Promise<TLSSocket> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const options: ConnectionOptions = {
    host,
    port: port === '' ? 443 : Number(port),
    minVersion: 'TLSv1.2',
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca: read(ca) }),
    rejectUnauthorized: fingerprint === undefined,
  }
  return new Promise((resolve, reject) => {
    const socket = connect(options)
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      const found = plain(socket.getPeerCertificate().fingerprint256 ?? '')
      if (fingerprint === undefined || found === fingerprint) {
        resolve(socket)
        return
      }
      socket.destroy()
      reject(failure(`the fingerprint of its certificate is ${found}`))
    })
  })
}

/** A fingerprint without colons, in small letters; undefined when the text is none. */
export function parseFingerprint(text: string): string | undefined {
  const digits = plain(text.replace(/^sha256:/i, ''))
  return /^[0-9a-f]{64}$/.test(digits) ? digits : undefined
}

/** The fingerprint of the first certificate of a file; undefined when it cannot be read. */
export function fingerprintOf(file: string): string | undefined {
  try {
    return plain(new X509Certificate(readFileSync(file)).fingerprint256)
  } catch {
    return undefined
  }
}

function read(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw failure(`cannot read ${file}: ${reasonOf(error)}`)
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code })
}

function plain(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toLowerCase()
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
