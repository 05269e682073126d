// The signals of a daemon. TERM, INT and QUIT end it in order, and kill everything at the second time; while an event
// listener is running only INT does, because listeners also signal the daemon about events of a shutdown. HUP reads the
// configuration again. USR2 reopens all logs. USR1 does nothing, and needs a handler for that: without one Node.js
// would open a TCP port for a debugger.

import type { Ending } from './ending.ts'
import type { DaemonLogs } from '../log/open.ts'
import { type Reloader, reload } from './reload.ts'
import type { Clock } from '../system/clock.ts'
import type { Unit } from '../service/unit.ts'
import { onSignals } from '../system/signals.ts'

/**
 * Some programs signal a process and then its group, as timeout(1) does. Equal signals within this time are one
 * request: on a loaded machine the second one came up to 57 ms later. SAME_SIGNAL_MS of the native helper has the same
 * value.
 */
const SAME_REQUEST_MS = 1000

/**
 * What a signal does: `stop` ends the daemon, a number ends it with that exit code. `main` is passed on to the main
 * program, and ends the daemon when that program is not up; `main-only` does nothing while that program has no process.
 */
export type SignalMeaning = 'stop' | 'main' | 'main-only' | 'nothing' | number

/** The meaning of each signal. */
export type SignalTable = Readonly<Partial<Record<NodeJS.Signals, SignalMeaning>>>

/** What the signals act on. */
export interface SignalParts {
  readonly clock: Clock
  /** As `supervisord`, further requests to end change nothing. */
  readonly calledAs: 'kahi' | 'supervisord'
  /** The meaning of signals, where it differs from the default. */
  readonly signals?: SignalTable
  readonly reloader: Reloader
  readonly logs: DaemonLogs
  readonly reportBug: (error: unknown) => void
  shutdown(): void
  readonly ending: Pick<Ending, 'endWith'>
  /** SIGHUP in supervisord: restarts the daemon. */
  restart(): void
}

/** Controls how signal handling ends. */
export interface SignalHandling {
  /**
   * From now on signals do nothing: the daemon is about to end with its own exit code, and a late signal must not
   * change it.
   */
  ignore(): void
  /** Removes the handlers. */
  release(): void
}

/** Handles the signals of a daemon. Source: supervisor 4.2.5, Supervisor.handle_signal. */
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

/** The handlers of the signals that end the daemon, by name. */
function exitRequests(
  parts: Pick<SignalParts, 'clock' | 'calledAs' | 'reloader' | 'shutdown'>,
): (name: string) => () => void {
  const { clock, calledAs, reloader, shutdown } = parts
  const { supervisor, log } = reloader
  let asked: { readonly name: string; readonly atMs: number } | undefined
  return (name) => () => {
    log.log('warn', `received ${name} indicating exit request`)
    const isSame = asked?.name === name && clock.nowMs() - asked.atMs < SAME_REQUEST_MS
    const isSecond = asked !== undefined && !isSame && calledAs === 'kahi'
    if (isSecond && name !== 'SIGINT' && supervisor.services().some(isRunningListener)) {
      log.log('warn', 'an event listener may have sent that; to kill everything that is left, send SIGINT')
    } else if (isSecond) {
      log.log('warn', `killing everything that is left: this is the second exit request`)
      supervisor.kill()
    }
    asked ??= { name, atMs: clock.nowMs() }
    shutdown()
  }
}

const isRunningListener = ({ settings, atRest }: Unit): boolean => settings.kind === 'listener' && !atRest
