// Verbs for logs of programs and of the daemon: read the end or any part, follow, and clear. Source: supervisor 4.2.5,
// options.readFile and tailFile, rpcinterface.clearProcessLogs.

import { lastLines } from '../../system/last-lines.ts'
import { ControlError } from './errors.ts'
import { findService, inPriorityOrder } from './find.ts'
import { type OfProcess, type Operation, type Room, refuseWhileStopping } from './operation.ts'
import type { Controlled, ControlledService, StreamLog } from './supervised.ts'
import { doToAll } from './verbs.ts'
import type { Outcome } from './shapes/process.ts'

type OfStream = OfProcess & { readonly stream: 'stdout' | 'stderr' }

/** The most that is read of a log at once, in bytes. */
export const LOG_LIMIT_BYTES = 16 * 1024 * 1024

/** A process and one of its streams; undefined means the daemon's own log. */
export interface WhichLog {
  readonly of: OfStream | undefined
}

/** A part of a log, and the memory for it. */
export interface WhichPart extends WhichLog {
  readonly offset: number
  readonly length: number
  readonly room: Room
}

/** The end of a log, its size, and whether more was written than requested. */
export interface LogEnd {
  readonly bytes: Buffer
  readonly size: number
  readonly overflow: boolean
}

/** Which part of the output of a stream. */
export interface Wanted extends OfStream {
  /** In bytes; 0: all, up to 16 MiB. */
  readonly length: number
  /** From this byte on, instead of the end. */
  readonly offset?: number | undefined
  /** So many lines at the end, instead of bytes. */
  readonly lines?: number | undefined
  readonly room: Room
}

/** A part of the output of a stream. */
export const readLog: Operation<Wanted, Buffer> = {
  summary: 'The end of a log, in bytes or lines, or its bytes from an offset on; at most 16 MiB',
  errors: ['NOT_FOUND', 'NO_LOG'],
  run: async ({ supervisor }, { name, stream, length, offset, lines, room }) => {
    const log = logOf(findService(supervisor, name), stream)
    const wanted = length === 0 || lines !== undefined ? LOG_LIMIT_BYTES : length
    await takeRoom(log, wanted, room)
    if (offset !== undefined) return log.read(offset, wanted)
    return lines === undefined ? log.tail(wanted) : lastLines(log.tail(wanted), lines)
  },
}

/** A part of a log that a Range header asks for. */
export interface LogRange {
  readonly bytes: Buffer
  readonly first: number
  /** Of the whole log. */
  readonly size: number
}

/** The part that a Range header asks for; undefined when the header has another form, and is then left aside. Source: RFC 9110, 14. */
export async function readLogRange(
  { supervisor }: Controlled,
  { name, stream, range, room }: OfStream & { readonly range: string; readonly room: Room },
): Promise<LogRange | undefined> {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(range) ?? []
  if (from === '' && to === '') return undefined
  const log = logOf(findService(supervisor, name), stream)
  const size = log.size() ?? 0
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (first > last) throw new ControlError('BAD_RANGE', `the log has ${size} bytes`)
  const most = Math.min(last - first + 1, LOG_LIMIT_BYTES)
  await takeRoom(log, most, room)
  return { bytes: log.read(first, most), first, size }
}

/** The output of a stream from now on. */
export const followLog: Operation<OfStream, StreamLog> = {
  summary: 'The output of a process, as it is written',
  errors: ['NOT_FOUND', 'NO_LOG'],
  run: ({ supervisor }, { name, stream }) => logOf(findService(supervisor, name), stream),
}

/** A part of a log: a negative offset means the last bytes, length 0 means up to the end. At most 16 MiB. */
export const readLogPart: Operation<WhichPart, Buffer> = {
  summary: 'Part of a log: length bytes from offset on, or with a negative offset the last bytes',
  errors: ['NOT_FOUND', 'NO_LOG', 'BAD_ARGUMENTS'],
  run: async (controlled, { of, offset, length, room }) => {
    const log = findLog(controlled, of)
    if (log?.size() === undefined) throw new ControlError('NO_LOG')
    if (length < 0 || (offset < 0 && length !== 0)) throw new ControlError('BAD_ARGUMENTS')
    const wanted = offset < 0 ? -offset : length === 0 ? LOG_LIMIT_BYTES : length
    const most = Math.min(wanted, LOG_LIMIT_BYTES)
    await takeRoom(log, most, room)
    return offset < 0 ? log.tail(most) : log.read(offset, most)
  },
}

/** The last `length` bytes of a log, for a client that has read up to `offset`. */
export const readLogEnd: Operation<WhichPart, LogEnd> = {
  summary: 'The last bytes of a log, its size, and whether it is longer than offset + length',
  errors: ['NOT_FOUND'],
  run: async (controlled, { of, offset, length, room }) => {
    const log = findLog(controlled, of)
    const size = log?.size()
    if (log === undefined || size === undefined) return { bytes: Buffer.alloc(0), size: 0, overflow: false }
    const overflow = size > offset + length
    const isPast = !overflow && offset > size - 1
    const wanted = isPast ? 0 : Math.max(0, Math.min(length, LOG_LIMIT_BYTES))
    await takeRoom(log, wanted, room)
    return { bytes: log.tail(wanted), size, overflow }
  },
}

/** The new content of a log from now on. */
export const followAnyLog: Operation<WhichLog, StreamLog> = {
  summary: 'The new content of a log, as it is written',
  errors: ['NOT_FOUND', 'NO_LOG'],
  run: (controlled, { of }) => {
    const log = findLog(controlled, of)
    if (log?.size() === undefined) throw new ControlError('NO_LOG')
    return log
  },
}

/** Clears both logs of a process: the files become empty; rotated ones stay, as with supervisord. */
export const clearLog: Operation<OfProcess, Outcome> = {
  summary: 'Clears the logs of a process; rotated ones stay',
  errors: ['NOT_FOUND', 'FAILED', 'SHUTTING_DOWN', 'UNAVAILABLE'],
  run: (controlled, { name }) => {
    refuseWhileStopping(controlled)
    return clear(findService(controlled.supervisor, name))
  },
}

/** Clears the logs of all processes. */
export const clearLogs: Operation<object, readonly Outcome[]> = {
  summary: 'Clears the logs of all processes; rotated ones stay',
  errors: ['SHUTTING_DOWN', 'UNAVAILABLE'],
  run: (controlled) => {
    refuseWhileStopping(controlled)
    return doToAll(inPriorityOrder(controlled.supervisor.services()), async (service) => clear(service))
  },
}

/** Clears the daemon's own log. */
export const clearMainLog: Operation<object, true> = {
  summary: "Clears the daemon's own log",
  errors: ['NO_LOG', 'FAILED'],
  run: ({ mainLog }) => {
    if (mainLog?.size() === undefined) throw new ControlError('NO_LOG')
    clearOne(mainLog)
    return true
  },
}

function findLog({ supervisor, mainLog }: Controlled, of: WhichLog['of']): StreamLog | undefined {
  return of === undefined ? mainLog : findService(supervisor, of.name).log(of.stream)
}

/** Waits for the memory of so many bytes, or of the whole log when it is shorter. */
async function takeRoom(log: StreamLog, bytes: number, room: Room): Promise<void> {
  await room(Math.min(bytes, log.size() ?? bytes))
}

function clear(service: ControlledService): Outcome {
  for (const stream of ['stdout', 'stderr'] as const) clearOne(service.log(stream))
  return { name: service.name, group: service.group, status: 'cleared' }
}

function clearOne(log: StreamLog | undefined): void {
  try {
    log?.clear()
  } catch (error) {
    throw new ControlError('FAILED', error instanceof Error ? error.message : undefined)
  }
}

function logOf(service: ControlledService, stream: 'stdout' | 'stderr'): StreamLog {
  const log = service.log(stream)
  if (log === undefined) throw new ControlError('NO_LOG')
  return log
}
