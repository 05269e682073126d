// Finds services by the names that clients use.

import { isUnitId, splitUnitId } from '../../../config/model/names.ts'
import { ControlError, noSuchGroup } from './errors.ts'
import type { ControlledService, ControlledSupervisor } from './supervised.ts'

/**
 * The process called `group:name`, or `name` when its group has the same name. A bare name that is no group's name
 * finds the only process of that name; paths of the Go version of kahi are written like this.
 */
export function findService(supervisor: ControlledSupervisor, name: string): ControlledService {
  const parts = isUnitId(name) ? splitUnitId(name) : { group: name, name }
  const service = supervisor.find(parts.group, parts.name) ?? (isUnitId(name) ? undefined : findOnly(supervisor, name))
  if (service === undefined) throw new ControlError('NOT_FOUND', `no such process: ${name}`)
  return service
}

/** The processes of a group, in priority order. */
export function findGroup(supervisor: ControlledSupervisor, group: string): readonly ControlledService[] {
  const services = supervisor.group(group)
  if (services === undefined) throw noSuchGroup(group)
  return services
}

/** By ascending priority; processes with equal priority keep their order. */
export function inPriorityOrder(services: readonly ControlledService[]): ControlledService[] {
  return [...services].sort((left, right) => left.settings.priority - right.settings.priority)
}

function findOnly(supervisor: ControlledSupervisor, name: string): ControlledService | undefined {
  const found = supervisor.services().filter((service) => service.name === name)
  return found.length === 1 ? found[0] : undefined
}
