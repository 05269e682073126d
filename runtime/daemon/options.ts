// The options of a daemon.

import type { LogFormat } from '../../config/model/log-level.ts'
import type { ConfigSource } from '../../config/settings/config.ts'
import type { EventBus } from '../events/bus.ts'
import type { RuntimeEvent } from '../events/event.ts'
import type { SignalTable } from './signals.ts'

/** Lines that another init would write, and where. */
export interface Announcer {
  readonly stream: 'stdout' | 'stderr'
  /** The lines for an event. */
  linesFor(event: RuntimeEvent): readonly string[]
  /** The last lines, when everything has ended. */
  lastLines(): readonly string[]
}

/** How a daemon is started. */
export interface DaemonOptions {
  readonly source: ConfigSource
  /** The socket to listen on when the configuration has no server; undefined means none. */
  readonly defaultSocket?: string
  /** Makes the directory of the default socket. Gives an error text, or undefined. */
  readonly prepareDefaultSocket?: () => string | undefined
  /** Path of the native helper. */
  readonly shimPath: string
  /** As `survive = true` in the configuration. */
  readonly survive?: boolean
  /** The command that started the program, for upgrades, and the arguments with which it checks the configuration. */
  readonly program: readonly string[]
  readonly check: readonly string[]
  /** Has priority over the configured format. */
  readonly logFormat?: LogFormat
  readonly version: string
  /** The name of the daemon in its log. As `supervisord` it also logs the warnings of supervisord. */
  readonly calledAs: 'kahi' | 'supervisord'
  /** The meaning of signals, where it differs from `kahi daemon`. */
  readonly signals?: SignalTable
  /** The files of environment_directory were written already. */
  readonly isPrepared?: boolean
  /** The stream of the daemon's own log; standard output by default. */
  readonly logStream?: 'stdout' | 'stderr'
  /** Writes the lines of another init. */
  readonly announcer?: Announcer
  /** Lines for the log at start, about how the daemon came to run. */
  readonly story?: readonly string[]
  /** Writes to standard error why the daemon does not start, in another wording than kahi's. */
  readonly complain?: (message: string) => void
  /** Called before programs are started, with the events of the daemon and the pid that users signal. */
  readonly observe?: (events: Pick<EventBus, 'on'>, pid: number) => void
  /** Called when the sockets are open and signals are handled, before programs are started. */
  readonly onReady?: () => void
}
