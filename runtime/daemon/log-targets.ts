// Sends the output of programs to other servers ([log_targets.NAME]). The code is loaded when a configuration has such a table;
// at the start before the first program runs, so that no line is missed.

import { hostname } from 'node:os'
import type { Config } from '../../config/settings/config.ts'
import type { DaemonContext } from './part.ts'
import { receivers } from './receivers.ts'

/** Sends output. */
export const logTargets = receivers({
  name: 'log targets',
  isUsed: (config: Config) => config.log_targets.length > 0,
  load,
})

async function load({ clock, log, bus, supervisor, shim, options, controlled, deliveries }: DaemonContext) {
  const { LogTargets } = await import('../log-targets/log-targets.ts')
  const opened = new LogTargets({
    clock,
    log,
    host: hostname(),
    version: options.version,
    datagrams: (path, messages) => shim.syslog(path, messages),
    units: () => supervisor.services(),
    emit: (event) => bus.emit(event),
    reportBug: controlled.reportBug,
  })
  const end = bus.on((event) => {
    if (event.type === 'process-exited') opened.ended(event.group, event.name)
  })
  deliveries.logTargets = opened
  return {
    follow: (config: Config) => opened.follow(config),
    close: async () => {
      end()
      await opened.close()
    },
  }
}
