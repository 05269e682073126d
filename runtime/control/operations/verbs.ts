// Verbs for one process or several. Each failure is a ControlError. Source: supervisor 4.2.5,
// rpcinterface.SupervisorNamespaceRPCInterface: its checks and their order.

import { ownTurn } from '../../system/turn.ts'
import { namespec, showUnit, unitId } from '../../../config/model/names.ts'
import { readSignal } from '../../../config/values/signal.ts'
import { ControlError, ERRORS, type ErrorCode } from './errors.ts'
import { refuseWhileStopping } from './operation.ts'
import type { Outcome } from './shapes/process.ts'
import { isSignallable } from './process-object.ts'
import type { Controlled, ControlledService, StartOutcome, StopOutcome, Unexecutable } from './supervised.ts'

/** Carries out a verb for one process. Throws ControlError. */
export type Verb = (service: ControlledService) => Promise<Outcome>

/** Reason of a failed stop → its code. */
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

/** Starts a process after its dependencies. Without `wait` only failures that show at once are reported. */
export function startVerb(controlled: Controlled, wait: boolean): Verb {
  return async (service) => {
    refuseWhileStopping(controlled)
    const also = controlled.supervisor.stoppedWith(service)
    const work = controlled.supervisor.start(service)
    refuseUnlessStarted(service, await settle(controlled, { service, work, wait, begun: 'started' }))
    return succeed(service, 'started', also)
  }
}

/** Stops a process after its dependents, or `alone`. Without `wait` it may still be stopping afterwards. */
export function stopVerb(controlled: Controlled, wait: boolean, alone = false): Verb {
  const also = (service: ControlledService) => (alone ? [] : dependentsOf(controlled, service))
  const { supervisor } = controlled
  // Not in the order of the others: a stop while the process stops is answered at once, as by supervisord.
  const stopAlone = async (service: ControlledService) =>
    supervisor.order.cancelStart(idOf(service)) ? 'stopped' : service.stop()
  return stopWith(controlled, { wait, also }, (service) => (alone ? stopAlone(service) : supervisor.stop(service)))
}

/** As stopVerb(), for several: each is stopped after those of them that need it, also with `alone`. */
export function stopVerbOf(
  controlled: Controlled,
  services: readonly ControlledService[],
  { wait, alone = false }: { readonly wait: boolean; readonly alone?: boolean },
): Verb {
  const ids = services.map(idOf)
  const dependents = new Map(services.map((service) => [service, dependentsOf(controlled, service, new Set(ids))]))
  const { supervisor } = controlled
  const stops = alone ? supervisor.order.takeDown(ids, true) : supervisor.takeDown(ids)
  const also = (service: ControlledService) => (alone ? [] : (dependents.get(service) ?? []))
  return stopWith(controlled, { wait, also }, async (service) => stops.get(idOf(service)) ?? 'not-running')
}

/** The units that are stopped with a process because they depend on it, but those that are named too. */
function dependentsOf(
  { supervisor }: Controlled,
  service: ControlledService,
  named: ReadonlySet<string> = new Set([idOf(service)]),
): readonly string[] {
  return supervisor.order.stopPlan([idOf(service)]).flatMap(({ unit }) => (named.has(unit) ? [] : [unit]))
}

interface StopWay {
  readonly wait: boolean
  /** The units that are stopped with it. */
  also(service: ControlledService): readonly string[]
}

function stopWith(
  controlled: Controlled,
  { wait, also }: StopWay,
  stop: (service: ControlledService) => Promise<StopOutcome>,
): Verb {
  return async (service) => {
    refuseWhileStopping(controlled)
    refuseEssential(service)
    const dependents = also(service)
    const outcome = await settle<StopOutcome>(controlled, { service, work: stop(service), wait, begun: 'stopped' })
    if (outcome === 'stopped') return succeed(service, 'stopped', dependents)
    throw fail(service, STOP_ERRORS[outcome])
  }
}

/** Stops a process if it is up, and starts it, as one event. Its dependents keep running. */
export function restartVerb(controlled: Controlled, wait: boolean): Verb {
  return restartWith(controlled, wait, (service) => controlled.supervisor.restart(service))
}

/** As restartVerb(), for several: they stop and start in the order of the graph. */
export function restartVerbOf(controlled: Controlled, services: readonly ControlledService[], wait: boolean): Verb {
  const restarts = controlled.supervisor.order.restart(services.filter(isStoppable).map(idOf))
  return restartWith(controlled, wait, async (service) => restarts.get(idOf(service)) ?? 'abnormal-termination')
}

function restartWith(
  controlled: Controlled,
  wait: boolean,
  restart: (service: ControlledService) => Promise<StartOutcome>,
): Verb {
  return async (service) => {
    refuseWhileStopping(controlled)
    refuseEssential(service)
    refuseUnlessStarted(service, await settle(controlled, { service, work: restart(service), wait, begun: 'started' }))
    return succeed(service, 'restarted')
  }
}

/** The work for a service, and the answer for a client that does not wait for it. */
interface Work<T> {
  readonly service: ControlledService
  readonly work: Promise<T>
  readonly wait: boolean
  readonly begun: T
}

function refuseUnlessStarted(service: ControlledService, outcome: StartOutcome): void {
  if (outcome === 'started') return
  if (typeof outcome === 'string') throw fail(service, START_ERRORS[outcome])
  throw fail(service, START_ERRORS[outcome.reason], outcome.message)
}

/** The number of a signal that is given by name or number. Throws BAD_SIGNAL. */
export function refuseBadSignal(signal: string): number {
  const number = readSignal(signal)
  if (number === undefined) throw new ControlError('BAD_SIGNAL', `bad signal name: ${signal}`)
  return number
}

/** Sends a signal, given by name or number. */
export function signalVerb(controlled: Controlled, signal: string): Verb {
  return async (service) => {
    refuseWhileStopping(controlled)
    const number = refuseBadSignal(signal)
    if (!isSignallable(service.info().state)) throw fail(service, 'NOT_RUNNING')
    const outcome = await controlled.helper.whileAnswering(service.signal(number))
    if (outcome === 'signalled') return succeed(service, 'signaled')
    throw fail(service, outcome === 'not-running' ? 'NOT_RUNNING' : 'SERVER_ERROR')
  }
}

/**
 * Carries out a verb for all of them at once. Outcomes are in the order of the services; with `asDone` in the order in
 * which they were done.
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

/** Without `wait`: the outcome, if it is known when a process that is being started has its pid; else `begun`. */
async function settle<T>(controlled: Controlled, { service, work, wait, begun }: Work<T>): Promise<T> {
  if (wait) return controlled.helper.whileAnswering(work)
  work.catch((error: unknown) => controlled.reportBug(error))
  const isBegun = async (): Promise<T> => {
    await ownTurn()
    await service.untilSpawned()
    await ownTurn()
    return begun
  }
  return controlled.helper.whileAnswering(Promise.race([work, isBegun()]))
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

function succeed(
  { name, group }: ControlledService,
  status: Outcome['status'],
  others: readonly string[] = [],
): Outcome {
  const also = others.map((id) => showUnit(id))
  return { name, group, status, ...(also.length > 0 && { also }) }
}

function fail(service: ControlledService, code: ErrorCode, hint = reasonOf(service)): ControlError {
  const message = `process ${namespec(service.group, service.name)}: ${ERRORS[code].text}`
  return new ControlError(code, message, code.startsWith('NOT_RUNNING') || hint === '' ? undefined : hint)
}

/** Why the process does not run: for one that has failed its description says more. */
function reasonOf(service: ControlledService): string {
  const { state, spawnError, description } = service.info()
  return state === 'fatal' || state === 'backoff' ? description : spawnError
}
