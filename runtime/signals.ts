// What the signals mean to a daemon: TERM, INT and QUIT end it in order, and kill at the second time; HUP reads
// the configuration again; USR2 opens all logs anew. USR1 means nothing, and must be heard for that: it would make Node
// open a debugger's TCP port.

import type { Ending } from './ending.ts'
import type { DaemonLogs } from './log/open.ts'
import { type Reloader, reload } from './reload.ts'
import type { Clock } from './system/clock.ts'
import { onSignals } from './system/signals.ts'

/** Some callers signal a process and then its group: the same signal twice within this time is one request. */
const SAME_REQUEST_MS = 20

/** What a signal does: `stop` asks for the end, a number is an end with that code, `main` hands it on to the main program. */
export type SignalMeaning = 'stop' | 'main' | 'nothing' | number

/** What each signal does. */
export type SignalTable = Readonly<Partial<Record<NodeJS.Signals, SignalMeaning>>>

/** What the signals act on. */
export interface SignalParts {
  readonly clock: Clock
  /** As supervisord, further exit requests change nothing. */
  readonly calledAs: 'kahi' | 'supervisord'
  /** What signals do instead of what is said above. */
  readonly signals?: SignalTable
  readonly reloader: Reloader
  readonly logs: DaemonLogs
  readonly reportBug: (error: unknown) => void
  shutdown(): void
  readonly ending: Pick<Ending, 'endWith'>
  /** What a hang-up means to supervisord. */
  restart(): void
}

/** How hearing signals ends. */
export interface SignalHandling {
  /** From now on they change nothing: the daemon is about to end with its own exit code, and a late signal must not take that away. */
  ignore(): void
  /** Takes the handlers away. */
  release(): void
}

/**
 * Hears the signals of a daemon. Source: supervisor 4.2.5, Supervisor.handle_signal.
 */
export function handleSignals({ reloader, logs, reportBug, ...parts }: SignalParts): SignalHandling {
  const { supervisor, log } = reloader
  const { clock, calledAs, shutdown, restart } = parts
  const request = calledAs === 'supervisord' ? 'restart' : 'reload'
  const exit = exitRequests({ clock, calledAs, reloader, shutdown })
  const hangUp = () => {
    if (supervisor.phase === 'stopping') {
      log.log('warn', `ignored SIGHUP indicating ${request} request (shutdown in progress)`)
      return
    }
    log.log('warn', `received SIGHUP indicating ${request} request`)
    if (calledAs === 'supervisord') {
      restart()
      return
    }
    reload(reloader).catch(reportBug)
  }
  const reopen = () => {
    log.log('info', 'received SIGUSR2 indicating log reopen request')
    logs.log.reopen()
    supervisor.reopenLogs()
  }
  let isOver = false
  const unlessOver = (act: () => void) => () => {
    if (!isOver) act()
  }
  const release = onSignals({
    SIGTERM: unlessOver(exit('SIGTERM')),
    SIGINT: unlessOver(exit('SIGINT')),
    SIGQUIT: unlessOver(exit('SIGQUIT')),
    SIGHUP: unlessOver(hangUp),
    SIGUSR2: unlessOver(reopen),
    SIGUSR1: () => log.log('debug', 'ignored SIGUSR1'),
  })
  const ignore = () => {
    isOver = true
  }
  return { ignore, release }
}

/** What a signal that asks for the end does, by its name. */
function exitRequests(
  parts: Pick<SignalParts, 'clock' | 'calledAs' | 'reloader' | 'shutdown'>,
): (name: string) => () => void {
  const { clock, calledAs, reloader, shutdown } = parts
  const { supervisor, log } = reloader
  let asked: { readonly name: string; readonly atMs: number } | undefined
  return (name) => () => {
    log.log('warn', `received ${name} indicating exit request`)
    const isSame = asked?.name === name && clock.nowMs() - asked.atMs < SAME_REQUEST_MS
    if (asked !== undefined && !isSame && calledAs === 'kahi') {
      log.log('warn', `killing everything that is left: this is the second exit request`)
      supervisor.kill()
    }
    asked ??= { name, atMs: clock.nowMs() }
    shutdown()
  }
}
