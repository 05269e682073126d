// The daemon as control sees it: the object that every protocol works on.

import type { Peer } from '../../config/settings/receivers.ts'
import type { Controlled, ControlledHelper } from '../control/operations/supervised.ts'
import type { Journal } from '../events/journal.ts'
import { MainLog } from '../log/main-log.ts'
import type { Peers } from '../peers/ask-peers.ts'
import { controlledConfiguration, type KnownSource } from './configuration.ts'
import type { DaemonContext } from './part.ts'
import { type Reloader, tryToLoad } from './reload.ts'
import { Upgrades } from './upgrade.ts'

/** What it is made from. */
export interface ControlledParts extends Pick<
  DaemonContext,
  | 'options'
  | 'config'
  | 'clock'
  | 'log'
  | 'logs'
  | 'bus'
  | 'supervisor'
  | 'succession'
  | 'ending'
  | 'metrics'
  | 'deliveries'
> {
  readonly helper: ControlledHelper
  readonly source: KnownSource
  readonly journal: Journal
  readonly reloader: Reloader
  reportBug(error: unknown): void
}

/** The daemon, for control. */
export function controlledDaemon(parts: ControlledParts): Controlled {
  const { supervisor, helper, clock, log, bus, succession, ending, options, reportBug, source, reloader } = parts
  const upgrades = new Upgrades(parts)
  return {
    supervisor,
    helper,
    clock,
    configuration: controlledConfiguration({ ...reloader, source }),
    mainLog: mainLogOf(parts),
    version: options.version,
    calledAs: options.calledAs,
    pid: succession.pid,
    nodePid: process.pid,
    measure: async (wanted) => (await import('../process/measure.ts')).measure(wanted),
    emit: (event) => bus.emit(event),
    journal: parts.journal,
    metrics: parts.metrics,
    deliveries: parts.deliveries,
    askPeers: peersOf(parts),
    shutdown: () => ending.begin(0),
    restart: () => void tryToLoad(source, log).then((next) => next && ending.begin(next), reportBug),
    upgrade: () => upgrades.begin(),
    reportBug,
  }
}

/** The code is loaded when a client asks, and a configuration names other daemons. */
function peersOf({ supervisor, clock }: Pick<ControlledParts, 'supervisor' | 'clock'>): Controlled['askPeers'] {
  let known: { readonly of: readonly Peer[]; readonly peers: Peers } | undefined
  return async () => {
    const of = supervisor.config?.peers ?? []
    if (of.length === 0) return []
    if (known?.of !== of) known = { of, peers: new (await import('../peers/ask-peers.ts')).Peers(of, clock) }
    return known.peers.ask()
  }
}

function mainLogOf({ config, logs }: ControlledParts): MainLog | undefined {
  const { logfile } = config.supervisor
  return logfile === undefined || logfile === 'syslog' ? undefined : new MainLog(logfile, logs.log)
}
