// Numbers of the kernel as the rest of kahi wants them: wait statuses and errno names.

import { constants } from 'node:os'
import type { ExitStatus } from './shim.ts'

const ERRNO_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno)
    .reverse()
    .map(([name, number]) => [number, name]),
)

/** How a process ended, from the raw status that wait4 gives. */
export function exitStatus(status: number): ExitStatus {
  const signal = status & 0x7f
  if (signal === 0) return { code: (status >> 8) & 0xff, signal: undefined, coreDumped: false }
  return { code: undefined, signal, coreDumped: (status & 0x80) !== 0 }
}

/** `ENOENT` for 2; `E999` for a number without a name. */
export function errnoName(number: number): string {
  return ERRNO_NAMES.get(number) ?? `E${number}`
}
