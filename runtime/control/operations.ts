// Every verb of control, once: its name, what it does, how it can fail, and the function that does it. Protocols
// are tables of adapters onto these; none has logic of its own.

import type { StreamLog } from '../log/stream-log.ts'
import { ControlError, type ErrorCode } from './errors.ts'
import { findGroup, findService, inPriorityOrder } from './find.ts'
import { isSignallable, type ProcessObject, showProcess } from './process-object.ts'
import type { Controlled, ControlledService, Upgrade } from './supervised.ts'
import {
  doToAll,
  type Outcome,
  restartVerb,
  restartVerbOf,
  signalVerb,
  startVerb,
  stopVerb,
  stopVerbOf,
} from './verbs.ts'

/** A verb: a function of what is controlled and of parameters. */
export interface Operation<Parameters, Result> {
  /** One line for the reference. */
  readonly summary: string
  /** What it can fail with, besides BAD_REQUEST. */
  readonly errors: readonly ErrorCode[]
  run(controlled: Controlled, parameters: Parameters): Promise<Result> | Result
}

type Nothing = Readonly<Record<string, never>>
type OfProcess = { readonly name: string }
type OfStream = OfProcess & { readonly stream: 'stdout' | 'stderr' }
/** `group` undefined: the processes of all groups. */
type OfGroup = { readonly group: string | undefined }
/**
 * `wait`: answer when it is done, not when it has begun. `alone`: a stop leaves those up that need the process. `asDone`:
 * outcomes of several come in the order in which they were done.
 */
type How = { readonly wait: boolean; readonly alone?: boolean; readonly asDone?: boolean }

/** The most that readLog gives at once, in bytes. */
export const LOG_LIMIT_BYTES = 16 * 1024 * 1024

const START_ERRORS = [
  'NO_FILE',
  'NOT_EXECUTABLE',
  'ALREADY_STARTED',
  'SPAWN_ERROR',
  'NEEDS_FAILED',
  'NOT_READY',
  'ABNORMAL_TERMINATION',
  'SHUTTING_DOWN',
] as const satisfies ErrorCode[]

/** All processes, sorted by group, then name. */
export const list: Operation<Nothing, ProcessObject[]> = {
  summary: 'All processes, sorted by group, then name',
  errors: [],
  run: ({ supervisor }) => supervisor.services().map((service) => showProcess(service.info())),
}

/** One process. */
export const get: Operation<OfProcess, ProcessObject> = {
  summary: 'One process',
  errors: ['NOT_FOUND'],
  run: ({ supervisor }, { name }) => showProcess(findService(supervisor, name).info()),
}

/** Starts a process. */
export const start: Operation<OfProcess & How, Outcome> = {
  summary:
    'Starts a process, after what it needs; with wait it answers when the process is RUNNING, and ready where something says so, or has failed',
  errors: ['NOT_FOUND', ...START_ERRORS],
  run: (controlled, { name, wait }) => startVerb(controlled, wait)(findService(controlled.supervisor, name)),
}

/** Stops a process. */
export const stop: Operation<OfProcess & How, Outcome> = {
  summary: 'Stops a process, after those that need it; with wait it answers when the process has ended',
  errors: ['NOT_FOUND', 'NOT_RUNNING', 'STOP_FAILED', 'ESSENTIAL', 'SHUTTING_DOWN'],
  run: (controlled, { name, wait, alone }) =>
    stopVerb(controlled, wait, alone)(findService(controlled.supervisor, name)),
}

/** Stops a process if it runs, and starts it. */
export const restart: Operation<OfProcess & How, Outcome> = {
  summary: 'Stops a process if it runs, waits for its end, and starts it',
  errors: ['NOT_FOUND', 'ESSENTIAL', ...START_ERRORS],
  run: (controlled, { name, wait }) => restartVerb(controlled, wait)(findService(controlled.supervisor, name)),
}

/** Sends a signal to a process. */
export const signal: Operation<OfProcess & { readonly signal: string }, Outcome> = {
  summary: 'Sends a signal, by name or number, to a process',
  errors: ['NOT_FOUND', 'BAD_SIGNAL', 'NOT_RUNNING', 'SHUTTING_DOWN'],
  run: (controlled, { name, signal: which }) => signalVerb(controlled, which)(findService(controlled.supervisor, name)),
}

/** The end of what a stream wrote. */
export const readLog: Operation<OfStream & { readonly length: number }, Buffer> = {
  summary: 'The last bytes of a log; length 0 gives all of it, up to 16 MiB',
  errors: ['NOT_FOUND', 'NO_FILE'],
  run: ({ supervisor }, { name, stream, length }) =>
    findLog(findService(supervisor, name), stream).tail(length === 0 ? LOG_LIMIT_BYTES : length),
}

/** What a stream writes from now on. */
export const followLog: Operation<OfStream, StreamLog> = {
  summary: 'What a process writes, as it comes',
  errors: ['NOT_FOUND', 'NO_FILE'],
  run: ({ supervisor }, { name, stream }) => findLog(findService(supervisor, name), stream),
}

/** Names of all groups. */
export const groups: Operation<Nothing, string[]> = {
  summary: 'Names of all groups, sorted',
  errors: [],
  run: ({ supervisor }) => [...new Set(supervisor.services().map((service) => service.group))],
}

/** Starts those of a group, or of all groups, that do not run. Source: supervisor 4.2.5, startProcessGroup. */
export const startGroup: Operation<OfGroup & How, readonly Outcome[]> = {
  summary: 'Starts the processes of a group that do not run',
  errors: ['NOT_FOUND', 'SHUTTING_DOWN'],
  run: (controlled, { group, wait, asDone }) =>
    doToAll(
      members(controlled, group, (service) => !service.info().isUp),
      startVerb(controlled, wait),
      asDone,
    ),
}

/** Stops those of a group, or of all groups, that run. Source: supervisor 4.2.5, stopProcessGroup. */
export const stopGroup: Operation<OfGroup & How, readonly Outcome[]> = {
  summary: 'Stops the processes of a group that run',
  errors: ['NOT_FOUND', 'SHUTTING_DOWN'],
  run: (controlled, { group, asDone, ...how }) => {
    const services = members(controlled, group, (service) => service.info().isUp)
    return doToAll(services, stopVerbOf(controlled, services, how), asDone)
  },
}

/** Restarts all of a group, or of all groups. */
export const restartGroup: Operation<OfGroup & How, readonly Outcome[]> = {
  summary: 'Restarts all processes of a group, in the order of the graph',
  errors: ['NOT_FOUND', 'SHUTTING_DOWN'],
  run: (controlled, { group, wait }) => {
    const services = members(controlled, group, () => true)
    return doToAll(services, restartVerbOf(controlled, services, wait))
  },
}

/** Signals those of a group, or of all groups, that have a process. Source: supervisor 4.2.5, signalProcessGroup. */
export const signalGroup: Operation<OfGroup & { readonly signal: string }, readonly Outcome[]> = {
  summary: 'Sends a signal to the processes of a group',
  errors: ['NOT_FOUND', 'SHUTTING_DOWN'],
  run: (controlled, { group, signal: which }) =>
    doToAll(
      members(controlled, group, (service) => isSignallable(service.info().state)),
      signalVerb(controlled, which),
    ),
}

/** Begins the ordered shutdown of the daemon. */
export const shutdown: Operation<Nothing, { readonly status: 'shutting_down' }> = {
  summary: 'Stops everything in reverse order and ends the daemon; answers at once',
  errors: ['SHUTTING_DOWN'],
  run: (controlled) => {
    if (controlled.supervisor.phase === 'stopping') throw new ControlError('SHUTTING_DOWN', 'already shutting down')
    controlled.shutdown()
    return { status: 'shutting_down' }
  },
}

/** Version, pid and pid of the Node process of the daemon, all as text. */
export const version: Operation<Nothing, { readonly version: string; readonly pid: string; readonly brain: string }> = {
  summary: 'Version and pid of the daemon; brain is the pid of its Node process, which an upgrade replaces',
  errors: [],
  run: ({ version: text, pid, brain }) => ({ version: text, pid: String(pid), brain: String(brain) }),
}

/** Puts the program on disk in the place of the running one. */
export const upgrade: Operation<Nothing, Upgrade> = {
  summary: 'Replaces the daemon by the version that is installed now, without ending a program',
  errors: ['CONFLICT', 'SHUTTING_DOWN'],
  run: (controlled) => {
    if (controlled.supervisor.phase === 'stopping') throw new ControlError('SHUTTING_DOWN')
    return controlled.upgrade()
  },
}

function members(
  { supervisor }: Controlled,
  group: string | undefined,
  isMeant: (service: ControlledService) => boolean,
): ControlledService[] {
  if (supervisor.phase === 'stopping') throw new ControlError('SHUTTING_DOWN')
  const all = group === undefined ? inPriorityOrder(supervisor.services()) : findGroup(supervisor, group)
  return all.filter(isMeant)
}

function findLog(service: ControlledService, stream: 'stdout' | 'stderr'): StreamLog {
  const log = service.log(stream)
  if (log === undefined) throw new ControlError('NO_FILE', 'no log file')
  return log
}
