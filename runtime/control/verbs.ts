// What is done to one process, and to several at once, with every way to fail told as a ControlError.
// Source: supervisor 4.2.5, rpcinterface.SupervisorNamespaceRPCInterface: its checks and their order.

import { namespec } from '../../config/config.ts'
import { unitId } from '../../config/graph.ts'
import { readSignal } from '../../config/signal.ts'
import type { StartOutcome, StopOutcome } from '../service/context.ts'
import type { Unexecutable } from '../process/command.ts'
import { ControlError, ERRORS, type ErrorCode } from './errors.ts'
import { isSignallable } from './process-object.ts'
import type { Controlled, ControlledService } from './supervised.ts'

type Done = 'started' | 'starting' | 'stopped' | 'stopping' | 'unchanged' | 'restarted' | 'signaled' | 'cleared'

/** How it went for one process: `status` says what was done, or is `error` with a code. */
export interface Outcome {
  readonly name: string
  readonly group: string
  readonly status: Done | 'error'
  readonly code?: ErrorCode
  readonly error?: string
  /** Why, where that is known. */
  readonly hint?: string
}

/** Does something to one process; throws ControlError. */
export type Verb = (service: ControlledService) => Promise<Outcome>

/** Why a stop failed → its code. */
export const STOP_ERRORS: Readonly<Record<Exclude<StopOutcome, 'stopped'>, ErrorCode>> = {
  'not-running': 'NOT_RUNNING',
  failed: 'STOP_FAILED',
  essential: 'ESSENTIAL',
}

const START_ERRORS: Readonly<Record<Exclude<StartOutcome | Unexecutable['reason'], 'started' | object>, ErrorCode>> = {
  'already-started': 'ALREADY_STARTED',
  'needs-failed': 'NEEDS_FAILED',
  'spawn-error': 'SPAWN_ERROR',
  'abnormal-termination': 'ABNORMAL_TERMINATION',
  'no-file': 'NO_FILE',
  'not-executable': 'NOT_EXECUTABLE',
  'not-ready': 'NOT_READY',
}

/** Starts a process, after what it needs; without `wait` only failures that show at once are told. */
export function startVerb(controlled: Controlled, wait: boolean): Verb {
  return async (service) => {
    refuseWhileStopping(controlled)
    const outcome = await settle(controlled, controlled.supervisor.start(service), wait, 'started' as const)
    if (outcome === 'started') return succeed(service, 'started')
    if (typeof outcome === 'string') throw fail(service, START_ERRORS[outcome])
    throw fail(service, START_ERRORS[outcome.reason], outcome.message)
  }
}

/** Stops a process, after those that need it unless `alone`; without `wait` it may still be stopping afterwards. */
export function stopVerb(controlled: Controlled, wait: boolean, alone = false): Verb {
  return stopWith(controlled, wait, (service) => (alone ? service.stop() : controlled.supervisor.stop(service)))
}

/** As stopVerb, for all of these: each comes after those of them that need it, also with `alone`. */
export function stopVerbOf(
  controlled: Controlled,
  services: readonly ControlledService[],
  { wait, alone = false }: { readonly wait: boolean; readonly alone?: boolean },
): Verb {
  const stops = controlled.supervisor.order.takeDown(services.map(idOf), alone)
  return stopWith(controlled, wait, async (service) => stops.get(idOf(service)) ?? 'not-running')
}

function stopWith(
  controlled: Controlled,
  wait: boolean,
  stop: (service: ControlledService) => Promise<StopOutcome>,
): Verb {
  return async (service) => {
    refuseWhileStopping(controlled)
    refuseEssential(service)
    const outcome = await settle(controlled, stop(service), wait, 'stopped' as const)
    if (outcome === 'stopped') return succeed(service, 'stopped')
    throw fail(service, STOP_ERRORS[outcome])
  }
}

/** Stops a process if it runs, waits for its end, and starts it. Those that need it go on. */
export function restartVerb(controlled: Controlled, wait: boolean): Verb {
  return restartAfter(controlled, wait, async (service) => {
    await service.stop()
  })
}

/** As restartVerb, for all of these: they stop and start in the order of the graph. */
export function restartVerbOf(controlled: Controlled, services: readonly ControlledService[], wait: boolean): Verb {
  const { order } = controlled.supervisor
  const stopped = Promise.all(order.takeDown(services.filter(isStoppable).map(idOf), true).values())
  return restartAfter(controlled, wait, () => stopped)
}

function restartAfter(
  controlled: Controlled,
  wait: boolean,
  stop: (service: ControlledService) => Promise<unknown>,
): Verb {
  return async (service) => {
    refuseWhileStopping(controlled)
    refuseEssential(service)
    await stop(service)
    await service.untilAtRest()
    await startVerb(controlled, wait)(service)
    return succeed(service, 'restarted')
  }
}

/** Sends a signal, given by name or number. */
export function signalVerb(controlled: Controlled, signal: string): Verb {
  const number = readSignal(signal)
  return async (service) => {
    refuseWhileStopping(controlled)
    if (number === undefined) throw new ControlError('BAD_SIGNAL', `bad signal name: ${signal}`)
    if (!isSignallable(service.info().state)) throw fail(service, 'NOT_RUNNING')
    const outcome = await service.signal(number)
    if (outcome === 'signalled') return succeed(service, 'signaled')
    throw fail(service, outcome === 'not-running' ? 'NOT_RUNNING' : 'SERVER_ERROR')
  }
}

/**
 * Does it to all of them at once. Outcomes come in the order of the services, whichever was done first; with `asDone`
 * in the order in which they were done.
 */
export async function doToAll(
  services: readonly ControlledService[],
  verb: Verb,
  asDone = false,
): Promise<readonly Outcome[]> {
  const done: Outcome[] = []
  const one = async (service: ControlledService): Promise<Outcome> => {
    const outcome = await verb(service).catch((error: unknown) => showFailure(service, error))
    done.push(outcome)
    return outcome
  }
  const inOrder = await Promise.all(services.map(one))
  return asDone ? done : inOrder
}

function showFailure({ name, group }: ControlledService, error: unknown): Outcome {
  if (!(error instanceof ControlError)) throw error
  const { code, message, hint } = error
  return { name, group, status: 'error', code, error: message, ...(hint === undefined ? {} : { hint }) }
}

/** Without `wait`: the outcome if it is there by the next turn of the event loop, else `begun`. */
async function settle<T>(controlled: Controlled, work: Promise<T>, wait: boolean, begun: T): Promise<T> {
  if (wait) return work
  work.catch((error: unknown) => controlled.reportBug(error))
  return Promise.race([work, new Promise<T>((resolve) => setImmediate(resolve, begun))])
}

function refuseWhileStopping(controlled: Controlled): void {
  if (controlled.supervisor.phase === 'stopping') throw new ControlError('SHUTTING_DOWN')
}

function refuseEssential(service: ControlledService): void {
  if (!isStoppable(service)) throw fail(service, 'ESSENTIAL')
}

function isStoppable(service: ControlledService): boolean {
  return !(service.settings.essential && service.info().isUp)
}

function idOf({ group, name }: ControlledService): string {
  return unitId(group, name)
}

function succeed({ name, group }: ControlledService, status: Outcome['status']): Outcome {
  return { name, group, status }
}

function fail(service: ControlledService, code: ErrorCode, hint = service.info().spawnError): ControlError {
  const message = `process ${namespec(service.group, service.name)}: ${ERRORS[code].text}`
  return new ControlError(code, message, code.startsWith('NOT_RUNNING') || hint === '' ? undefined : hint)
}
