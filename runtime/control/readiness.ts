// Whether the daemon and what it runs are up: what /healthz and /readyz ask.

import { findService } from './find.ts'
import type { Operation } from './operations.ts'
import type { Controlled, ControlledService } from './supervised.ts'

/** Whether the daemon works and is not on its way out. */
export const health: Operation<object, boolean> = {
  summary: 'Whether the daemon works and is not shutting down',
  errors: [],
  run: (controlled) => controlled.supervisor.phase === 'running',
}

/** Names of the processes that are not ready yet; empty when ready. */
export const pending: Operation<{ readonly processes: readonly string[] }, string[]> = {
  summary: 'Which processes are not up yet: those named, or all with autostart that are still on their way',
  errors: ['NOT_FOUND'],
  run: (controlled, { processes }) =>
    waitedFor(controlled, processes)
      .filter(processes.length > 0 ? isNotUp : isOnItsWay)
      .map((service) => service.name),
}

function waitedFor({ supervisor }: Controlled, names: readonly string[]): readonly ControlledService[] {
  if (names.length === 0) return supervisor.services().filter((service) => service.settings.autostart)
  return names.map((name) => findService(supervisor, name))
}

/** A process asked for by name counts when it runs, or has done its work and ended well. */
function isNotUp(service: ControlledService): boolean {
  const { state, exitStatus, ready } = service.info()
  const endedWell = state === 'exited' && service.settings.exitcodes.includes(exitStatus)
  return (state !== 'running' || ready === false) && !endedWell
}

/** FATAL and EXITED have settled; so has what somebody stopped. */
function isOnItsWay(service: ControlledService): boolean {
  const { state, startedAtMs, ready } = service.info()
  if (state === 'running') return ready === false
  return state === 'starting' || state === 'backoff' || (state === 'stopped' && startedAtMs === 0)
}
