// The daemon. It opens its parts in the order in which they need each other, runs until a request ends it, and closes
// the parts in reverse order, also after a start that fails half-way. A new concern is a new file beside this one, and
// a line in PARTS.

import type { Loaded } from '../../config/settings/config.ts'
import { StartError } from '../control/operations/errors.ts'
import type { DaemonLogs } from '../log/open.ts'
import { inheritedOutboxes } from '../log/outbox.ts'
import { SharedShim } from '../shim/shared-shim.ts'
import { systemClock } from '../system/clock.ts'
import { becomeUser } from '../system/privilege.ts'
import { announcements } from './announcements.ts'
import { openCore, openLogs } from './core.ts'
import type { Outcome } from './ending.ts'
import { dependencyLosses } from './dependency-losses.ts'
import { exitCodeFile } from './exit-code-file.ts'
import { garbage } from './garbage.ts'
import { haltCommands } from './halt-commands.ts'
import { runLayout } from './run-layout.ts'
import { logIdentity, startLines } from './identity.ts'
import { limits } from './limits.ts'
import { logTargets } from './log-targets.ts'
import { logEvents } from './log-events.ts'
import type { DaemonOptions } from './options.ts'
import { type Lives, openParts, type Part } from './part.ts'
import { pidfile } from './pidfile.ts'
import { programs } from './programs.ts'
import { logDiagnostics } from './reload.ts'
import { scanDirectory } from './scan-directory.ts'
import { servers } from './servers.ts'
import { schedules } from './schedules.ts'
import { serviceManager } from './service-manager.ts'
import { signals } from './hear-signals.ts'
import { usageLimits } from './usage-limits.ts'
import { watches } from './watches.ts'
import { webhooks } from './webhooks.ts'

/** The order matters: programs are started after the sockets are open and signals are handled. */
const PARTS: readonly Part[] = [
  logEvents,
  announcements,
  exitCodeFile,
  haltCommands,
  runLayout,
  limits,
  servers,
  scanDirectory,
  pidfile,
  signals,
  startLines,
  webhooks,
  logTargets,
  watches,
  dependencyLosses,
  usageLimits,
  schedules,
  programs,
  serviceManager,
  garbage,
]

const FLUSH_MS = 1000

/**
 * Runs a configuration until SIGTERM, SIGINT, SIGQUIT or a client's shutdown. A restart runs the next configuration in
 * the same process, with the same helper. Gives the exit code: 0 after an orderly end, 2 for errors that the user can
 * correct, 111 when the system refused something, 101 when the helper was lost. Rejects with ConfigError before
 * anything was opened. Source: supervisor 4.2.5, supervisord.Supervisor.main and runforever.
 */
export async function runDaemon(options: DaemonOptions): Promise<number> {
  const lives: Lives = {
    shim: new SharedShim(options.shimPath),
    clock: systemClock(),
    isFirst: true,
    signals: undefined,
    outboxes: inheritedOutboxes(process.env),
  }
  let loaded = withoutTables(await options.source.load())
  try {
    for (;;) {
      const outcome = await live(options, loaded, lives)
      if (typeof outcome === 'number') return outcome
      loaded = withoutTables(outcome)
      lives.isFirst = false
    }
  } finally {
    await lives.shim.close()
  }
}

function withoutTables({ config, diagnostics }: Loaded): Loaded {
  return { config, diagnostics }
}

async function live(options: DaemonOptions, loaded: Loaded, lives: Lives): Promise<Outcome> {
  const undo: (() => unknown)[] = []
  let logs: DaemonLogs | undefined
  try {
    if (lives.isFirst) dropPrivileges(loaded)
    logs = openLogs({ options, loaded, lives })
    const { log } = logs
    undo.push(() => log.close())
    logDiagnostics(log, loaded.diagnostics)
    logIdentity(log, loaded.config, options.calledAs)
    const context = await openCore({ options, loaded, lives, logs, undo })
    await openParts(PARTS, context, undo)
    return await context.ending.outcome
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    logs?.log.log('critical', error.message)
    if (logs?.stdout.isTerminal !== true) (options.complain ?? complain)(error.message)
    return error.exitCode
  } finally {
    for (const step of undo.reverse()) await step()
    await Promise.all([logs?.stdout.flush(FLUSH_MS), logs?.stderr.flush(FLUSH_MS)])
  }
}

function dropPrivileges({ config }: Loaded): void {
  const { user } = config.supervisor
  const trouble = user === undefined ? undefined : becomeUser(user)
  if (trouble !== undefined) throw new StartError(trouble, 2)
}

function complain(message: string): void {
  process.stderr.write(`error: ${message}\n`)
}
