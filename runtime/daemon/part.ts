// A part of the daemon: one concern with a beginning and an end, such as the pidfile or the servers. daemon.ts lists
// the parts in the order in which they need each other. A part reads events and configurations; the supervisor and its
// units know nothing of parts.

import type { Config } from '../../config/settings/config.ts'
import type { Server } from '../../config/settings/server.ts'
import type { Controlled } from '../control/operations/supervised.ts'
import type { EventBus } from '../events/bus.ts'
import type { DaemonLogs } from '../log/open.ts'
import type { OutboxSet } from '../log/outbox.ts'
import type { Logger } from '../log/sink.ts'
import type { SharedShim } from '../shim/shared-shim.ts'
import type { Shim } from '../shim/shim.ts'
import type { Succession } from '../supervisor/succession.ts'
import type { Supervisor } from '../supervisor/supervisor.ts'
import type { Clock } from '../system/clock.ts'
import type { Deliveries } from './deliveries.ts'
import type { Ending } from './ending.ts'
import type { Metrics } from './metrics.ts'
import type { DaemonOptions } from './options.ts'
import type { Reloader } from './reload.ts'
import type { SignalHandling } from './signals.ts'

/** What is kept over a restart of the daemon, which takes place in the same process. */
export interface Lives {
  readonly shim: SharedShim
  readonly clock: Clock
  /** Used only with `survive`; undefined unless the helper is our parent. */
  readonly outboxes: OutboxSet | undefined
  isFirst: boolean
  /** Handlers of the daemon before the restart, until the new ones are set. */
  signals: SignalHandling | undefined
}

/** What parts are opened with. */
export interface DaemonContext {
  readonly options: DaemonOptions
  readonly lives: Lives
  /** The configuration at the start. The one in force is in the supervisor. */
  readonly config: Config
  readonly clock: Clock
  readonly logs: DaemonLogs
  readonly log: Logger
  readonly shim: Shim
  readonly bus: EventBus
  readonly supervisor: Supervisor
  readonly succession: Succession
  readonly ending: Ending
  readonly metrics: Metrics
  readonly deliveries: Deliveries
  readonly controlled: Controlled
  readonly reloader: Reloader
  /** This is the first daemon process: no other one has started programs for this daemon. */
  readonly isFresh: boolean
  /** The configured servers, or the default socket. Set by the part that opens them. */
  servers: readonly Server[]
}

/** An open part. */
export interface OpenPart {
  /** Closes the part. Parts are closed in reverse order, also after a start that failed half-way. */
  close?(): unknown
  /** Called for each configuration that comes into force: the first one, and each later one. */
  follow?(config: Config): void
}

/** One concern of the daemon. */
export interface Part {
  /** Its name in messages about bugs. */
  readonly name: string
  /** Opens the part. Throws StartError when the daemon cannot run without it. */
  open(context: DaemonContext): Promise<OpenPart | void> | OpenPart | void
}

/** Opens parts one after the other. Functions that close them are added to `undo`, which is run from its end. */
export async function openParts(
  parts: readonly Part[],
  context: DaemonContext,
  undo: (() => unknown)[],
): Promise<void> {
  const followers: { readonly name: string; readonly follow: (config: Config) => void }[] = []
  undo.push(
    context.bus.on((event) => {
      const { config } = context.supervisor
      if (event.type === 'configuration-applied' && config !== undefined) tellAll(followers, config, context)
    }),
  )
  for (const { name, open } of parts) {
    const opened = (await open(context)) ?? {}
    if (opened.close !== undefined) undo.push(() => opened.close?.())
    if (opened.follow !== undefined) followers.push({ name, follow: (config) => opened.follow?.(config) })
  }
}

/** Passes a configuration to all parts. When one fails, the others still get it. */
function tellAll(
  followers: readonly { readonly name: string; readonly follow: (config: Config) => void }[],
  config: Config,
  { controlled }: DaemonContext,
): void {
  for (const { name, follow } of followers) {
    try {
      follow(config)
    } catch (error) {
      controlled.reportBug(new Error(`${name} could not apply the configuration`, { cause: error }))
    }
  }
}
