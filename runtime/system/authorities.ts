// The certificate authorities that requests of the daemon trust. The launcher takes NODE_EXTRA_CA_CERTS away from the daemon
// process, because Node.js would read and keep the file in each start; the variable is read here at the first https request.

import { rootCertificates } from 'node:tls'
import { readGuarded } from './guarded.ts'

/** No file with authorities is longer, in bytes. */
const LONGEST = 4 * 1024 * 1024

let known: readonly string[] | undefined

/** The authorities of a file, as PEM. Throws the errors of readGuarded(). */
export function readAuthorities(file: string): Buffer {
  return readGuarded(file, LONGEST)
}

/**
 * The authorities of Node.js and those of the file that NODE_EXTRA_CA_CERTS names, as PEM; undefined when it names none. A file
 * that cannot be read adds none, as in Node.js. Source: Node.js 20, doc/api/cli.md, NODE_EXTRA_CA_CERTS.
 */
export function extraAuthorities(): string[] | undefined {
  const file = process.env['KAHI_NODE_EXTRA_CA_CERTS'] ?? ''
  if (file === '') return undefined
  known ??= [...rootCertificates, ...readIfPossible(file)]
  return [...known]
}

function readIfPossible(file: string): readonly string[] {
  try {
    return [readAuthorities(file).toString('utf8')]
  } catch {
    return []
  }
}
