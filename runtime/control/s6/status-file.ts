// The bytes of supervise/status and supervise/death_tally. Since s6 2.11 there are two layouts, of 35 and of 43 bytes.
// Tools read as many bytes as they know, so one file of 43 bytes with both layouts is right for all of them. All
// numbers are big-endian; a time is a TAI64N label. Source: s6 2.7 to 2.15, s6_svstatus_pack, s6_dtally_pack; skalibs
// tain_pack. Verified with the tools of five versions.

import type { SupervisorSettings } from '../../../config/settings/supervisor.ts'
import type { ExitStatus } from '../operations/supervised.ts'

/** The status of a service. Times are wall-clock times. */
export interface Status {
  /** `finishing`: the process has ended, but its `finish` or its group has not. */
  readonly phase: 'down' | 'up' | 'finishing'
  /** When it last came up or went down. */
  readonly sinceMs: number
  /** While it is up: whether it is ready. While it is down: whether it can be started. */
  readonly isReady: boolean
  readonly readySinceMs: number
  /** The pid of the process, of the last one while `finishing`; 0 when it is down. */
  readonly pid: number
  /** How the last process ended; undefined when none has. */
  readonly ended: ExitStatus | undefined
  readonly isPaused: boolean
  readonly wantsUp: boolean
}

/** One end of a process. */
export interface Death {
  readonly atMs: number
  readonly status: ExitStatus
}

/** Bytes of one entry of a tally. */
export const DEATH_BYTES = 14

const TIME_BYTES = 12
const CORE = 0x80
/** 2^62, where labels begin, plus the difference of TAI and UTC, which has been constant since 2017. */
const LABEL = 2n ** 62n + 37n

/** The content of supervise/status. */
export function encodeStatus(status: Status, layout: SupervisorSettings['scan_layout']): Buffer {
  const isOld = layout === 's6-2.10'
  const bytes = Buffer.alloc(isOld ? 35 : 43)
  writeTime(bytes, 0, status.sinceMs)
  writeTime(bytes, TIME_BYTES, status.readySinceMs)
  bytes.writeBigUInt64BE(BigInt(status.pid), 24)
  bytes.writeUInt16BE(rawStatus(status.ended), 32)
  if (isOld) {
    bytes.writeUInt8(flags(status, [1, 2, 8, 16]) | 4, 34)
    return bytes
  }
  const now = flags(status, [1, 2, 4, 8])
  bytes.writeUInt8(now, 34)
  bytes.writeUInt32BE(status.pid, 36) // s6 2.13 reads the lower half of the process group from here
  bytes.writeUInt16BE(rawStatus(status.ended), 40)
  bytes.writeUInt8(now, 42)
  return bytes
}

/** One entry of supervise/death_tally. */
export function encodeDeath({ atMs, status }: Death): Buffer {
  const bytes = Buffer.alloc(DEATH_BYTES)
  const { code = 0, signal = 0 } = status
  writeTime(bytes, 0, atMs)
  bytes.writeUInt8(signal === 0 ? code : 128 + signal, TIME_BYTES)
  bytes.writeUInt8(signal, TIME_BYTES + 1)
  return bytes
}

/** A paused service without a process means that nothing was started yet. */
function flags(
  { phase, ended, isPaused, isReady, wantsUp }: Status,
  [paused, finishing, up, ready]: readonly [number, number, number, number],
): number {
  const isNew = phase === 'down' && ended === undefined
  const set = [
    [isPaused || isNew, paused],
    [phase === 'finishing', finishing],
    [wantsUp, up],
    [isReady, ready],
  ] as const
  return set.reduce((sum, [isSet, bit]) => sum + (isSet ? bit : 0), 0)
}

/** The wait status, as wait4(2) gives it. */
function rawStatus(ended: ExitStatus | undefined): number {
  if (ended === undefined) return 0
  return ended.signal === undefined ? (ended.code ?? 0) << 8 : ended.signal + (ended.coreDumped ? CORE : 0)
}

function writeTime(bytes: Buffer, at: number, ms: number): void {
  bytes.writeBigUInt64BE(LABEL + BigInt(Math.floor(ms / 1000)), at)
  bytes.writeUInt32BE(Math.round(ms % 1000) * 1_000_000, at + 8)
}
