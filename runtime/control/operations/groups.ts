// Verbs for the processes of a group, or of all groups. Source: supervisor 4.2.5,
// rpcinterface.SupervisorNamespaceRPCInterface: startProcessGroup, stopProcessGroup, signalProcessGroup,
// addProcessGroup, removeProcessGroup.

import { ControlError, noSuchGroup } from './errors.ts'
import { findGroup, inPriorityOrder } from './find.ts'
import { type How, type Nothing, type Operation, refuseWhileStopping } from './operation.ts'
import { isSignallable } from './process-object.ts'
import type { Controlled, ControlledService } from './supervised.ts'
import { doToAll, refuseBadSignal, restartVerbOf, signalVerb, startVerb, stopVerbOf } from './verbs.ts'
import type { Outcome } from './shapes/process.ts'

/** `group` undefined means the processes of all groups. */
type OfGroup = { readonly group: string | undefined }

/** A signal by name or number. `failsEach`: where there is no such signal, that is the outcome of each process, as supervisord has it. */
interface Signal {
  readonly signal: string
  readonly failsEach?: boolean
}

/** Names of all groups. */
export const groups: Operation<Nothing, string[]> = {
  summary: 'Names of all groups, sorted',
  errors: [],
  run: ({ supervisor }) => [...new Set(supervisor.services().map((service) => service.group))],
}

/** Starts the processes of a group, or of all groups, that are down. Source: supervisor 4.2.5, startProcessGroup. */
export const startGroup: Operation<OfGroup & How, readonly Outcome[]> = {
  summary: 'Starts the processes of a group that are not running',
  errors: ['NOT_FOUND', 'SHUTTING_DOWN', 'UNAVAILABLE'],
  run: (controlled, { group, wait, asDone }) =>
    doToAll(
      members(controlled, group, (service) => !service.info().isUp),
      startVerb(controlled, wait),
      asDone,
    ),
}

/** Stops the processes of a group, or of all groups, that are up. Source: supervisor 4.2.5, stopProcessGroup. */
export const stopGroup: Operation<OfGroup & How, readonly Outcome[]> = {
  summary: 'Stops the processes of a group that are running',
  errors: ['NOT_FOUND', 'SHUTTING_DOWN', 'UNAVAILABLE'],
  run: (controlled, { group, asDone, ...how }) => {
    const services = members(controlled, group, (service) => service.info().isUp)
    return doToAll(services, stopVerbOf(controlled, services, how), asDone)
  },
}

/** Restarts all processes of a group, or of all groups. */
export const restartGroup: Operation<OfGroup & How, readonly Outcome[]> = {
  summary: 'Restarts all processes of a group, in the order of the graph',
  errors: ['NOT_FOUND', 'SHUTTING_DOWN', 'UNAVAILABLE'],
  run: (controlled, { group, wait }) => {
    const services = members(controlled, group, () => true)
    return doToAll(services, restartVerbOf(controlled, services, wait))
  },
}

/** Signals the running processes of a group, or of all groups. Source: supervisor 4.2.5, signalProcessGroup. */
export const signalGroup: Operation<OfGroup & Signal, readonly Outcome[]> = {
  summary: 'Sends a signal to the processes of a group',
  errors: ['NOT_FOUND', 'BAD_SIGNAL', 'SHUTTING_DOWN', 'UNAVAILABLE'],
  run: (controlled, { group, signal, failsEach = false }) => {
    const services = members(controlled, group, (service) => isSignallable(service.info().state))
    if (!failsEach) refuseBadSignal(signal)
    return doToAll(services, signalVerb(controlled, signal))
  },
}

/** Adds a group of the configuration as it was last read, and starts it. */
export const addGroup: Operation<{ readonly group: string }, boolean> = {
  summary: 'Adds a group of the configuration as last read, and starts its programs with autostart',
  errors: ['NOT_FOUND', 'ALREADY_ADDED', 'SHUTTING_DOWN', 'UNAVAILABLE'],
  run: async (controlled, { group }) => {
    refuseWhileStopping(controlled)
    const { configuration } = controlled
    if (!configuration.last.groups.some(({ name }) => name === group)) throw noSuchGroup(group)
    if (!(await configuration.addGroup(group))) throw new ControlError('ALREADY_ADDED')
    return true
  },
}

/** Removes a group whose processes are stopped. */
export const removeGroup: Operation<{ readonly group: string }, boolean> = {
  summary: 'Removes a group whose processes are stopped',
  errors: ['NOT_FOUND', 'STILL_RUNNING', 'SHUTTING_DOWN', 'UNAVAILABLE'],
  run: async (controlled, { group }) => {
    refuseWhileStopping(controlled)
    findGroup(controlled.supervisor, group)
    if (!(await controlled.configuration.removeGroup(group))) throw new ControlError('STILL_RUNNING')
    return true
  },
}

function members(
  controlled: Controlled,
  group: string | undefined,
  isMeant: (service: ControlledService) => boolean,
): ControlledService[] {
  refuseWhileStopping(controlled)
  const { supervisor } = controlled
  const all = group === undefined ? inPriorityOrder(supervisor.services()) : findGroup(supervisor, group)
  return all.filter(isMeant)
}
