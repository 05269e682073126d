// From the names that clients use to services.

import { ControlError } from './errors.ts'
import type { ControlledService, ControlledSupervisor } from './supervised.ts'

/**
 * The process called `group:name`, or `name` when its group has the same name. A bare name that is no group's finds
 * the only process of that name, as paths of the Go kahi are written.
 */
export function findService(supervisor: ControlledSupervisor, name: string): ControlledService {
  const colon = name.indexOf(':')
  const exact = colon < 0 ? supervisor.find(name, name) : supervisor.find(name.slice(0, colon), name.slice(colon + 1))
  const service = exact ?? (colon < 0 ? findOnly(supervisor, name) : undefined)
  if (service === undefined) throw new ControlError('NOT_FOUND', `no such process: ${name}`)
  return service
}

/** The processes of a group, in priority order. */
export function findGroup(supervisor: ControlledSupervisor, group: string): readonly ControlledService[] {
  const services = supervisor.group(group)
  if (services === undefined) throw new ControlError('NOT_FOUND', `no such group: ${group}`)
  return services
}

/** Ascending priority; equal ones stay as they are. */
export function inPriorityOrder(services: readonly ControlledService[]): ControlledService[] {
  return [...services].sort((left, right) => left.settings.priority - right.settings.priority)
}

function findOnly(supervisor: ControlledSupervisor, name: string): ControlledService | undefined {
  const found = supervisor.services().filter((service) => service.name === name)
  return found.length === 1 ? found[0] : undefined
}
