// Checks passwords against bcrypt hashes. A check takes a tenth of a second of computing, so one of each server is done at a time, and a right
// password is remembered: as an HMAC with a key that only this process has, and only for a while.

import { createHmac, randomBytes } from 'node:crypto'

/** So many checks of one server may wait. */
const MOST_WAITING = 20
const MOST_REMEMBERED = 64

const key = randomBytes(32)
const remembered = new Set<string>()

/** Whether a configured password is a bcrypt hash. */
export function isBcrypt(password: string): boolean {
  return /^\$2[abxy]\$\d\d\$/.test(password)
}

/** Whether the password was right the last time. */
export function isRemembered(given: string, hash: string): boolean {
  return remembered.has(digest(given, hash))
}

/** The checks of one server: those who guess on TCP do not take the places of a client of the unix socket. */
export interface Checks {
  waiting: number
  last: Promise<unknown>
}

/** Checks of a server that has had none. */
export function noChecks(): Checks {
  return { waiting: 0, last: Promise.resolve() }
}

/** Whether the password fits the hash; undefined when too many checks of that server wait. */
export async function fitsHash(given: string, hash: string, checks: Checks): Promise<boolean | undefined> {
  if (checks.waiting >= MOST_WAITING) return undefined
  checks.waiting += 1
  const work = checks.last.then(async () => {
    const { default: bcrypt } = await import('bcryptjs')
    return bcrypt.compare(given, hash)
  })
  checks.last = work.catch(() => {})
  try {
    const fits = await work
    if (fits) remember(digest(given, hash))
    return fits
  } catch {
    return false
  } finally {
    checks.waiting -= 1
  }
}

function remember(one: string): void {
  remembered.add(one)
  const [oldest] = remembered
  if (remembered.size > MOST_REMEMBERED && oldest !== undefined) remembered.delete(oldest)
}

function digest(given: string, hash: string): string {
  return createHmac('sha256', key).update(hash).update('\0').update(given).digest('base64')
}
