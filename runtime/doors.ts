// The doors of the daemon: the servers of its configuration, or the default socket.

import type { Server } from '../config/config.ts'
import { StartError } from './control/errors.ts'
import type { Controlled } from './control/supervised.ts'
import type { Logger } from './log/sink.ts'
import type { Clock } from './system/clock.ts'

/** Where a daemon listens when its configuration names no server. */
export interface DefaultDoor {
  /** Undefined opens none then. */
  readonly defaultSocket?: string
  /** Makes ready where the default socket will be; gives what is wrong, if anything. */
  readonly prepareDefaultSocket?: () => string | undefined
}

/** What opening needs. */
export interface DoorParts {
  readonly controlled: Controlled
  readonly clock: Clock
  readonly log: Logger
}

/** Opens the servers, or the default socket when there are none. `servers` are those that were opened. */
export async function openDoors(
  options: DefaultDoor,
  servers: readonly Server[],
  { controlled, clock, log }: DoorParts,
): Promise<{ readonly servers: readonly Server[]; close(): Promise<void> }> {
  const isDefault = servers.length === 0
  const wanted = isDefault ? defaultServer(options, log) : servers
  if (wanted.length === 0) return { servers: [], close: async () => {} }
  const { openServers } = await import('./control/rest/server.ts')
  const parts = {
    controlled,
    after: (ms: number, callback: () => void) => clock.after(ms, callback),
    log: (message: string) => log.log('info', message),
  }
  try {
    const { close } = await openServers(wanted, parts)
    return { servers: wanted, close }
  } catch (error) {
    if (!isDefault || !(error instanceof StartError) || error.exitCode === 2) throw error
    log.log('warn', `${error.message}; kahi ctl cannot reach this daemon: configure [server.unix]`)
    return { servers: [], close: async () => {} }
  }
}

function defaultServer({ defaultSocket, prepareDefaultSocket }: DefaultDoor, log: Logger): readonly Server[] {
  if (defaultSocket === undefined) return []
  const trouble = prepareDefaultSocket?.()
  if (trouble !== undefined) {
    log.log('warn', `${trouble}; kahi ctl cannot reach this daemon`)
    return []
  }
  const chown = { uid: -1, gid: -1 }
  return [{ kind: 'unix', file: defaultSocket, chmod: 0o700, chown, credentials: undefined }]
}
