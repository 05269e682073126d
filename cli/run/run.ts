// `kahi run`: runs one command without a configuration file until it ends or a signal stops it. As `kahi daemon`, this
// loads only what a daemon needs.

import { ConfigError, formatDiagnostic } from '../../config/model/diagnostic.ts'
import type { Document } from '../../config/keys/document.ts'
import { resolveDocument } from '../../config/resolve/resolve.ts'
import { runDaemon } from '../../runtime/daemon/daemon.ts'
import type { DaemonOptions } from '../../runtime/daemon/options.ts'
import type { SignalTable } from '../../runtime/daemon/signals.ts'
import { keepHeapSmall } from '../../runtime/system/heap.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { defaultSocket, prepareDefaultSocket, thisAsker } from '../default-socket.ts'
import { EXIT } from '../exit-codes.ts'
import { shimPath, thisProgram } from '../shim-path.ts'
import { VERSION } from '../version.ts'
import { documentOf, isQuiet } from './document.ts'
import type { RunArguments } from './arguments.ts'

/** Stop: as `kahi daemon`. All others are for the command, also while it waits for a restart. */
const SIGNALS: SignalTable = {
  SIGTERM: 'stop',
  SIGINT: 'stop',
  SIGQUIT: 'main-only',
  SIGHUP: 'main-only',
  SIGUSR1: 'main-only',
  SIGUSR2: 'main-only',
  SIGWINCH: 'main-only',
  SIGCONT: 'main-only',
}

/** Runs the command. Gives its exit code, or 0 after a stop. */
export function runOne(given: RunArguments): Promise<number> {
  const asker = thisAsker()
  const isInit = process.pid === 1 || process.env.KAHI_SHIM_PARENT?.startsWith('1:') === true
  return runProgram(() => documentOf(given, process.cwd()), {
    signals: SIGNALS,
    ...(isQuiet(given.options) && { observe: sayFailures }),
    ...(isInit && { defaultSocket: defaultSocket(asker), prepareDefaultSocket: () => prepareDefaultSocket(asker) }),
  })
}

/** Writes to standard error why the command cannot be run, and errors of kahi. */
function sayFailures(events: Parameters<NonNullable<DaemonOptions['observe']>>[0]): void {
  const REASON = 'spawnerr: '
  events.on((event) => {
    if (event.type !== 'log') return
    const isReason = event.message.startsWith(REASON)
    const message = isReason ? event.message.slice(REASON.length) : event.message
    if (isReason || event.level === 'error' || event.level === 'critical') process.stderr.write(`kahi: ${message}\n`)
  })
}

/** Runs the configuration with one program. Gives the exit code; prints what is wrong with the configuration. */
export async function runProgram(
  read: () => Document,
  options: Omit<Partial<DaemonOptions>, 'source'> & Pick<DaemonOptions, 'signals'>,
): Promise<number> {
  keepHeapSmall()
  try {
    return await runDaemon({
      source: { load: async () => resolveDocument(read(), thisMachine()) },
      shimPath: shimPath(),
      program: thisProgram(),
      check: ['version'],
      version: VERSION,
      calledAs: 'kahi',
      logStream: 'stderr',
      ...options,
    })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const errors = error.diagnostics.filter(({ severity }) => severity === 'error')
    process.stderr.write(`${errors.map(formatDiagnostic).join('\n')}\n`)
    return EXIT.usage
  }
}
