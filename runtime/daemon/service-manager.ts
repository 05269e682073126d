// Talks to the service manager that started the daemon, such as systemd with Type=notify: that the daemon is ready, applies
// another configuration, stops, and is alive. Node.js has no unix datagram sockets, so the native helper sends the
// messages. Programs do not inherit these variables. Source: systemd 252, sd_notify(3), sd_watchdog_enabled(3).

import type { Clock, Timer } from '../system/clock.ts'
import type { DaemonOptions } from './options.ts'
import type { Part } from './part.ts'

/** The variables that a service manager sets for the daemon alone. */
const VARIABLES = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'] as const

/** The variables of a service manager. */
export interface ManagerVariables {
  /** Path of the socket; one that begins with `@` is in the abstract name space. */
  readonly socket: string | undefined
  /** Milliseconds between two signs of life; undefined when none are wanted. */
  readonly pingMs: number | undefined
}

/** What is sent with, and what was wrong, once. */
interface Sending {
  readonly clock: Clock
  send(path: string, text: string): Promise<string>
  report(message: string): void
}

/** Notifies the service manager, if one asks for it. */
export const serviceManager: Part = {
  name: 'service manager',
  open: ({ options, clock, shim, log, bus, reloader, ending }) => {
    if (!isNotifying(options)) return {}
    const variables = readVariables(process.env, [process.pid, process.ppid])
    const { socket } = variables
    if (socket === undefined) return {}
    const send = async (path: string, text: string): Promise<string> => (await shim.syslog(path, [text])).code
    const report = (message: string): void => log.log('warn', message)
    const manager = new Manager(socket, { clock, send, report })
    const unsubscribe = bus.on((event) => {
      if (event.type !== 'supervisor-state' || event.state !== 'stopping') return
      if (ending.isFinal) manager.tell('STOPPING=1')
      else manager.reloads(true)
    })
    const watch = (isBegin: boolean): void => manager.reloads(isBegin)
    reloader.watchers.add(watch)
    manager.tell('READY=1')
    if (variables.pingMs !== undefined) manager.ping(variables.pingMs)
    return {
      close: () => {
        unsubscribe()
        reloader.watchers.delete(watch)
        manager.close()
      },
    }
  },
}

/**
 * Whether this daemon notifies the service manager. supervisord does not: its programs inherit the variables and may do it.
 */
function isNotifying({ calledAs }: Pick<DaemonOptions, 'calledAs'>): boolean {
  return calledAs !== 'supervisord'
}

/** The environment of programs: without the variables, when the daemon uses them itself. */
export function withoutManager<Environment extends Readonly<Record<string, string | undefined>>>(
  environment: Environment,
  options: Pick<DaemonOptions, 'calledAs'>,
): Readonly<Record<string, string | undefined>> {
  if (!isNotifying(options) || environment.NOTIFY_SOCKET === undefined) return environment
  return { ...environment, ...Object.fromEntries(VARIABLES.map((name) => [name, undefined])) }
}

/** Reads the variables. WATCHDOG_PID must be one of `pids`: the daemon process or the helper above it. */
export function readVariables(
  environment: Readonly<Record<string, string | undefined>>,
  pids: readonly number[],
): ManagerVariables {
  const { NOTIFY_SOCKET: socket = '', WATCHDOG_USEC: usec = '', WATCHDOG_PID: pid } = environment
  const isOurs = pid === undefined || pids.includes(Number(pid))
  const periodMs = /^\d{1,15}$/.test(usec) && isOurs ? Number(usec) / 1000 : 0
  return { socket: /^[@/]./.test(socket) ? socket : undefined, pingMs: periodMs > 0 ? periodMs / 2 : undefined }
}

/** The messages to one service manager. */
export class Manager {
  readonly #socket: string
  readonly #sending: Sending
  #timer: Timer | undefined
  #hasFailed = false

  constructor(socket: string, sending: Sending) {
    this.#socket = socket
    this.#sending = sending
  }

  /** Sends a message: lines of `NAME=value`. A failure is reported once. */
  tell(text: string): void {
    const failed = (reason: string): void => {
      if (!this.#hasFailed) this.#sending.report(`cannot notify the service manager at ${this.#socket}: ${reason}`)
      this.#hasFailed = true
    }
    this.#sending.send(this.#socket, text).then(
      (code) => (code === '' ? undefined : failed(code)),
      (error: Error) => failed(error.message),
    )
  }

  /** Sends a sign of life now and after each period. */
  ping(periodMs: number): void {
    this.tell('WATCHDOG=1')
    this.#timer = this.#sending.clock.after(periodMs, () => this.ping(periodMs))
  }

  /** A reload begins or has ended. */
  reloads(isBegin: boolean): void {
    const usec = Math.round(this.#sending.clock.nowMs() * 1000)
    this.tell(isBegin ? `RELOADING=1\nMONOTONIC_USEC=${usec}` : 'READY=1')
  }

  /** No sign of life is sent any more. */
  close(): void {
    this.#timer?.cancel()
  }
}
