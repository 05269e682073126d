// The limit of open files of this process.

import { readFileSync } from 'node:fs'

/** The soft limit; Infinity where there is none, or where it cannot be read. */
export function openFilesLimit(): number {
  try {
    const [, limit = 'unlimited'] = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? []
    return limit === 'unlimited' ? Infinity : Number(limit)
  } catch {
    return Infinity
  }
}
