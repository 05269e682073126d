// Translates numbers of the kernel: wait statuses, errno, and what a process has used.

import { constants } from 'node:os'
import { type Frame, numberOf } from './frames.ts'
import type { ExitStatus, Usage } from '../shim.ts'

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

/** CPU time and memory of a process, from the report of its end. */
export function usageOf(frame: Frame): Usage {
  const ms = (key: string): number => (numberOf(frame, key) ?? 0) / 1000
  return {
    cpuUserMs: ms('utime-us'),
    cpuSystemMs: ms('stime-us'),
    peakMemoryBytes: (numberOf(frame, 'maxrss-kb') ?? 0) * 1024,
  }
}
