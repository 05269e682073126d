// What a Supervisor needs, and what it passes on to each service.

import type { Config } from '../../config/settings/config.ts'
import { serverUrl } from '../../config/settings/server.ts'
import type { EventBus } from '../events/bus.ts'
import type { Logger, Sink } from '../log/sink.ts'
import type { Syslog } from '../log/syslog.ts'
import type { ListenerPools, ServiceContext } from '../service/context.ts'
import type { Shim } from '../shim/shim.ts'
import type { Clock } from '../system/clock.ts'
import type { Succession } from './succession.ts'

/** What a Supervisor needs. */
export interface SupervisorOptions {
  readonly shim: Shim
  readonly clock: Clock
  readonly log: Logger
  readonly bus: EventBus
  readonly daemonEnvironment: Readonly<Record<string, string | undefined>>
  /** The daemon's own stdout and stderr, for programs that log to /dev/stdout and /dev/stderr. */
  readonly stdout: Sink
  readonly stderr: Sink
  /** How the daemon writes its own lines there. */
  readonly ownFormat: 'text' | 'json'
  /** Stops groups of equal priority one after the other, as supervisord does. */
  readonly oneGroupAtATime?: boolean
  /** Explains error codes, which supervisord leaves to its reader. */
  readonly explainsErrors?: boolean
  /** Takes events to the processes of event listeners; without it they get none. */
  readonly listeners?: ListenerPools
  /** Sends lines to syslog. */
  readonly syslog?: Syslog
  /** Takes over from the previous daemon process and leaves notes to the next one. */
  readonly succession?: Succession
}

/** What a service gets from a supervisor with this configuration. */
export function serviceContext(
  options: SupervisorOptions,
  shared: Pick<ServiceContext, 'commands' | 'starts' | 'order'>,
  { servers, supervisor }: Config,
): ServiceContext {
  return {
    ...options,
    ...shared,
    remember: options.succession?.remember,
    serverUrl: serverUrl(servers),
    stripAnsi: supervisor.strip_ansi,
    outputFormat: outputFormat(options, supervisor),
    showsOutput: ['debug', 'trace', 'blather'].includes(supervisor.log_level),
    childLogDirectory: supervisor.childlogdir,
    identifier: supervisor.identifier,
  }
}

/** How programs without a format of their own write to the daemon's standard streams. */
function outputFormat(
  { ownFormat }: SupervisorOptions,
  { output_format: wanted }: Config['supervisor'],
): ServiceContext['outputFormat'] {
  if (wanted !== 'auto') return wanted
  return ownFormat === 'json' ? 'json' : 'prefix'
}
