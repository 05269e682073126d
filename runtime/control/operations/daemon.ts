// Verbs for the daemon itself: its version, its end, its replacement by another version.

import { ControlError } from './errors.ts'
import { type Nothing, type Operation, refuseWhileStopping } from './operation.ts'
import type { Upgrade } from './supervised.ts'

/** Version and process ids of the daemon. */
export const version: Operation<
  Nothing,
  { readonly version: string; readonly pid: number; readonly node_pid: number }
> = {
  summary: 'Version and process ids of the daemon',
  errors: [],
  run: ({ version: text, pid, nodePid }) => ({ version: text, pid, node_pid: nodePid }),
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

/** Stops everything and starts again with the configuration on disk. */
export const restartDaemon: Operation<object, boolean> = {
  summary: 'Stops everything in order and starts again with the configuration on disk; answers at once',
  errors: ['SHUTTING_DOWN', 'UNAVAILABLE'],
  run: (controlled) => {
    refuseWhileStopping(controlled)
    controlled.restart()
    return true
  },
}

/** Replaces the running program by the one on disk. */
export const upgrade: Operation<Nothing, Upgrade> = {
  summary: 'Replaces the daemon by the version that is installed now, without ending a program',
  errors: ['CONFLICT', 'SHUTTING_DOWN', 'UNAVAILABLE'],
  run: (controlled) => {
    refuseWhileStopping(controlled)
    return controlled.upgrade()
  },
}
