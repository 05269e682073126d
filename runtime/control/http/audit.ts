// Who did what, as a record and as a line of the log.

import type { Role } from '../../../config/model/access.ts'

/** Who did what: a change that a client asked for. */
export interface Audit {
  /** The name of a password or token; empty where the server asks for none. */
  readonly who: string
  readonly role: Role
  /** The user of a client of a unix socket; null where it is not known. */
  readonly uid: number | null
  readonly from: string
  /** Method and path, or the name of a method or action and of its process. */
  readonly action: string
  /** A status of HTTP, or in words. */
  readonly result: string
}

/** An audit as a line: `ci (control) from this machine: POST /api/v1/shutdown: 200`. */
export function auditLine({ who, role, uid, from, action, result }: Audit): string {
  const user = uid === null ? [] : [`uid ${uid}`]
  const names = who === '' ? user : [`${who} (${role})`, ...user]
  return `${names.length === 0 ? 'a client without a name' : names.join(', ')} from ${from}: ${action}: ${result}`
}
