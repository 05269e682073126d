// Whether the daemon and its processes are up: for /healthz and /readyz.

import { findService } from './find.ts'
import type { Operation } from './operation.ts'
import type { Controlled, ControlledService } from './supervised.ts'

/** Whether the daemon works. It does not while it shuts down, or while the helper does not answer. */
export const health: Operation<object, 'ok' | 'shutting_down' | 'helper_hangs'> = {
  summary: 'Whether the daemon works: it is not shutting down, and its helper answers within two seconds',
  errors: [],
  run: async ({ supervisor, helper }) => {
    if (!(await helper.responds())) return 'helper_hangs'
    return supervisor.phase === 'running' ? 'ok' : 'shutting_down'
  },
}

/** Names of the processes that are not ready yet; empty when all are. */
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

/** A process that was named counts as up when it is running and not unhealthy, or when it has ended with success. */
function isNotUp(service: ControlledService): boolean {
  const { state, exitStatus, ready, health } = service.info()
  const endedWell = state === 'exited' && service.settings.exitcodes.includes(exitStatus)
  return (state !== 'running' || ready === false || health?.status === 'unhealthy') && !endedWell
}

/** A process counts as on its way unless it is FATAL, EXITED, or stopped on request; also while it is unhealthy. */
function isOnItsWay(service: ControlledService): boolean {
  const { state, startedAtMs, ready, health } = service.info()
  if (state === 'running') return ready === false || health?.status === 'unhealthy'
  return state === 'starting' || state === 'backoff' || (state === 'stopped' && startedAtMs === 0)
}
