// The doors of the daemon: the servers of its configuration, or the default socket, and the scan directory of s6's tools.

import type { Config, Server, SupervisorSettings } from '../config/config.ts'
import { StartError } from './control/errors.ts'
import type { Controlled } from './control/supervised.ts'
import type { EventBus } from './events/bus.ts'
import type { Logger } from './log/sink.ts'
import type { Shim } from './shim/shim.ts'
import type { Supervisor } from './supervisor.ts'
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
  /** For the tools of s6. */
  readonly supervisor: Supervisor
  readonly shim: Shim
  readonly bus: EventBus
}

/** Doors that are open. */
export interface Doors {
  /** Those that were opened. */
  readonly servers: readonly Server[]
  close(): Promise<void>
}

/** Opens the servers, or the default socket when there are none, and the scan directory, if there is to be one. */
export async function openDoors(
  options: DefaultDoor,
  { servers, supervisor }: Pick<Config, 'servers' | 'supervisor'>,
  parts: DoorParts,
): Promise<Doors> {
  const opened = await openServers(options, servers, parts)
  try {
    const closeScan = await openScan(supervisor, parts)
    const close = async (): Promise<void> => {
      closeScan()
      await opened.close()
    }
    return { servers: opened.servers, close }
  } catch (error) {
    await opened.close()
    throw error
  }
}

async function openServers(
  options: DefaultDoor,
  servers: readonly Server[],
  { controlled, clock, log }: DoorParts,
): Promise<Doors> {
  const isDefault = servers.length === 0
  const wanted = isDefault ? defaultServer(options, log) : servers
  if (wanted.length === 0) return { servers: [], close: async () => {} }
  const { openServers: open } = await import('./control/rest/server.ts')
  const parts = {
    controlled,
    after: (ms: number, callback: () => void) => clock.after(ms, callback),
    log: (message: string) => log.log('info', message),
  }
  try {
    const { close } = await open(wanted, parts)
    return { servers: wanted, close }
  } catch (error) {
    if (!isDefault || !(error instanceof StartError) || error.exitCode === 2) throw error
    log.log('warn', `${error.message}; kahi ctl cannot reach this daemon: configure [server.unix]`)
    return { servers: [], close: async () => {} }
  }
}

async function openScan(
  { scan_directory: directory, scan_layout: layout }: SupervisorSettings,
  parts: DoorParts,
): Promise<() => void> {
  if (directory === undefined) return () => {}
  const { openScanDirectory } = await import('./control/s6/scandir.ts')
  return openScanDirectory({ ...parts, directory, layout })
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
