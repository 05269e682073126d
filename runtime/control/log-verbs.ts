// Verbs on logs beyond their ends: any part of a log, and throwing it away; for programs and for the daemon itself.
// Source: supervisor 4.2.5, options.readFile and tailFile, rpcinterface.clearProcessLogs.

import type { StreamLog } from '../log/stream-log.ts'
import { ControlError } from './errors.ts'
import { findService, inPriorityOrder } from './find.ts'
import { LOG_LIMIT_BYTES, type Operation } from './operations.ts'
import type { Controlled, ControlledService } from './supervised.ts'
import { doToAll, type Outcome } from './verbs.ts'

/** A process and one of its streams; undefined is the daemon's own log. */
export interface WhichLog {
  readonly of: { readonly name: string; readonly stream: 'stdout' | 'stderr' } | undefined
}

/** The end of a log, its size, and whether there is more than was asked for. */
export interface LogEnd {
  readonly bytes: Buffer
  readonly size: number
  readonly overflow: boolean
}

/** A part of a log: with a negative offset the last bytes; length 0 goes to the end. At most 16 MiB. */
export const readLogPart: Operation<WhichLog & { readonly offset: number; readonly length: number }, Buffer> = {
  summary: 'Part of a log: length bytes from offset on, or with a negative offset the last bytes',
  errors: ['NOT_FOUND', 'NO_FILE', 'BAD_ARGUMENTS'],
  run: (controlled, { of, offset, length }) => {
    const log = findLog(controlled, of)
    if (log?.size() === undefined) throw new ControlError('NO_FILE', 'no log file')
    if (length < 0 || (offset < 0 && length !== 0)) throw new ControlError('BAD_ARGUMENTS')
    if (offset < 0) return log.tail(Math.min(-offset, LOG_LIMIT_BYTES))
    return log.read(offset, length === 0 ? LOG_LIMIT_BYTES : Math.min(length, LOG_LIMIT_BYTES))
  },
}

/** The last `length` bytes of a log as seen by somebody who has read up to `offset`. */
export const readLogEnd: Operation<WhichLog & { readonly offset: number; readonly length: number }, LogEnd> = {
  summary: 'The last bytes of a log, its size, and whether it has outgrown offset + length',
  errors: ['NOT_FOUND'],
  run: (controlled, { of, offset, length }) => {
    const log = findLog(controlled, of)
    const size = log?.size()
    if (log === undefined || size === undefined) return { bytes: Buffer.alloc(0), size: 0, overflow: false }
    const overflow = size > offset + length
    const isPast = !overflow && offset > size - 1
    const wanted = isPast ? 0 : Math.max(0, Math.min(length, LOG_LIMIT_BYTES))
    return { bytes: log.tail(wanted), size, overflow }
  },
}

/** What a log gets from now on. */
export const followAnyLog: Operation<WhichLog, StreamLog> = {
  summary: 'A log as it comes',
  errors: ['NOT_FOUND', 'NO_FILE'],
  run: (controlled, { of }) => {
    const log = findLog(controlled, of)
    if (log?.size() === undefined) throw new ControlError('NO_FILE', 'no log file')
    return log
  },
}

/** Empties the logs of a process, or of all of them when there is no name. */
export const clearLogs: Operation<{ readonly name: string | undefined }, readonly Outcome[]> = {
  summary: 'Throws away what the logs of a process hold',
  errors: ['NOT_FOUND', 'FAILED', 'SHUTTING_DOWN'],
  run: async ({ supervisor }, { name }) => {
    if (supervisor.phase === 'stopping') throw new ControlError('SHUTTING_DOWN')
    if (name !== undefined) return [clear(findService(supervisor, name))]
    return doToAll(inPriorityOrder(supervisor.services()), async (service) => clear(service))
  },
}

/** Empties the daemon's own log. */
export const clearMainLog: Operation<object, true> = {
  summary: "Throws away what the daemon's log holds",
  errors: ['NO_FILE', 'FAILED'],
  run: ({ mainLog }) => {
    if (mainLog?.size() === undefined) throw new ControlError('NO_FILE')
    clearOne(mainLog)
    return true
  },
}

function findLog({ supervisor, mainLog }: Controlled, of: WhichLog['of']): StreamLog | undefined {
  return of === undefined ? mainLog : findService(supervisor, of.name).log(of.stream)
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
