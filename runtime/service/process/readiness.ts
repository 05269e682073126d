// Whether the running process of a service is ready, by its key `ready`. A check is repeated until it succeeds, and not
// afterwards. The kinds `fd`, `notify` and `log` need no repetition. Each new process is not ready at first.

import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import type { LogLevel } from '../../../config/model/log-level.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import type { Ready } from '../../../config/model/checks.ts'
import type { Timer } from '../../system/clock.ts'
import { checkOnce } from './check-once.ts'
import type { ReadinessEvent, StatusTextEvent } from '../../events/event.ts'
import type { ServiceContext } from '../context.ts'
import type { ServiceOutput } from './output.ts'
import { followLines } from './follow-lines.ts'
import { hearNotices } from './notices.ts'
import { describeCheck, type Probe } from './probes.ts'

/** A longer status text is cut. */
const LONGEST_STATUS = 200

/** What a Readiness needs of its service. */
export interface ReadinessParts {
  readonly settings: ProcessSettings
  readonly context: ServiceContext
  readonly output: ServiceOutput
  /** The process has become ready, or its readiness has failed. */
  changed(): void
  /** The process reports that it is alive (WATCHDOG=1), or that it is not (WATCHDOG=trigger). */
  alive(isAlive: boolean): void
  log(level: LogLevel, message: string): void
}

/** The readiness of one service. */
export class Readiness {
  readonly #parts: ReadinessParts
  #ready: Ready | undefined
  #end = new AbortController()
  #timers: Timer[] = []
  #deadline: Timer | undefined
  #stopHearing = (): void => {}
  #startedAtMs = 0
  #isBegun = false
  /** Undefined where the service has no readiness check. */
  isReady: boolean | undefined
  /** Monotonic time at which it became ready. */
  readyAtMs: number | undefined
  /** The status text that it reports; empty when it reports none. */
  statusText = ''
  /** Why the process will not become ready; empty while it may. */
  failure = ''
  /** What the last check found missing; empty before the first one, and where nothing is repeated. */
  #missing = ''

  constructor(parts: ReadinessParts) {
    this.#parts = parts
    this.#ready = parts.settings.ready
    if (this.#ready !== undefined) this.isReady = false
  }

  /** What it waits for, in words; empty when it is ready. */
  get awaited(): string {
    if (this.#ready === undefined || this.isReady !== false) return ''
    return [describeCheck(this.#ready.check), this.#missing].filter((text) => text !== '').join(': ')
  }

  /** Whether the process has a socket in NOTIFY_SOCKET. */
  get #hears(): boolean {
    const { ready, health } = this.#parts.settings
    return ready?.check.kind === 'notify' || health?.check.kind === 'notify'
  }

  /** A process was started, `ageMs` ago; `notify` is the pipe that it writes a newline to. */
  begin(notify: number | undefined, ageMs = 0): void {
    if (this.#ready !== undefined || this.#hears) this.end()
    this.#startedAtMs = this.#parts.context.clock.nowMs() - ageMs
    this.#isBegun = true
    if (this.#hears) this.#hear(notify)
    this.#check(notify, ageMs)
  }

  /**
   * The settings may have changed. A process that was ready stays so, also where it was so because it was RUNNING
   * (`isRunning`); any other is looked at anew. A check that needs a descriptor of the process does not come here.
   */
  use(isRunning: boolean): void {
    const { ready } = this.#parts.settings
    if (isDeepStrictEqual(ready, this.#ready)) return
    const wasReady = this.isReady ?? isRunning
    this.#rest()
    this.#ready = ready
    this.isReady = ready === undefined ? undefined : this.#isBegun && wasReady
    if (this.#isBegun && !wasReady) this.#check(undefined, this.#parts.context.clock.nowMs() - this.#startedAtMs)
    this.#parts.changed()
  }

  #check(notify: number | undefined, ageMs: number): void {
    if (this.#ready === undefined) return
    const { check, deadline } = this.#ready
    if (deadline > 0) this.#expireAfter(Math.max(0, deadline * 1000 - ageMs))
    if (check.kind === 'fd') this.#awaitNewline(notify)
    else if (check.kind === 'log') this.#awaitLine(check.pattern)
    else if (check.kind !== 'notify') void this.#look(check, this.#end.signal)
  }

  /** Continues with a process of the previous daemon process, which had found it ready or not. */
  resume({ isReady, notify, ageMs }: { isReady: boolean; notify: number | undefined; ageMs: number }): void {
    const isWaiting = this.#ready !== undefined && !isReady
    this.#startedAtMs = this.#parts.context.clock.nowMs() - ageMs
    this.#isBegun = true
    const isRead = this.#hears || (isWaiting && this.#ready?.check.kind === 'fd')
    if (notify !== undefined && !isRead) closeSync(notify)
    if (isWaiting) this.begin(notify, ageMs)
    else if (this.#hears) this.#hear(notify)
    if (this.#ready !== undefined && isReady) this.#become()
  }

  /** The process has ended. */
  end(): void {
    this.#rest()
    this.#isBegun = false
    this.#stopHearing()
    this.statusText = ''
    this.readyAtMs = undefined
    if (this.#ready !== undefined) this.isReady = false
  }

  /** Ends all checks. */
  #rest(): void {
    this.#end.abort()
    this.#end = new AbortController()
    for (const timer of this.#timers.splice(0)) timer.cancel()
    this.#deadline?.cancel()
    this.failure = ''
    this.#missing = ''
  }

  #expireAfter(delayMs: number): void {
    const { deadline = 0 } = this.#ready ?? {}
    this.#deadline?.cancel()
    this.#deadline = this.#parts.context.clock.after(delayMs, () => this.#expire(deadline))
  }

  /** A process that is ready is still listened to: it may report a status text, or that it stops. */
  #hear(notify: number | undefined): void {
    if (notify === undefined) return
    this.#stopHearing = hearNotices(notify, {
      ready: () => {
        if (this.#ready?.check.kind === 'notify' && this.isReady !== true) this.#succeed()
      },
      stopping: () => {
        if (this.#ready?.check.kind !== 'notify') return
        this.isReady = false
        this.#tell({ type: 'readiness', ready: false })
        this.#parts.log('info', `${this.#parts.settings.name} reports that it is stopping`)
        this.#parts.changed()
      },
      status: (text) => {
        this.statusText = text.slice(0, LONGEST_STATUS)
        this.#tell({ type: 'status-text', text: this.statusText })
      },
      alive: (isAlive) => this.#parts.alive(isAlive),
      extend: (delayMs) => {
        if (this.#ready?.deadline !== 0 && this.isReady !== true) this.#expireAfter(delayMs)
      },
    })
  }

  #after(delayMs: number, fn: () => void): void {
    this.#timers.push(this.#parts.context.clock.after(delayMs, fn))
  }

  #expire(deadline: number): void {
    if (this.#ready === undefined) return
    this.failure = `is not ready after ${deadline} seconds`
    this.#parts.log('warn', `${this.#parts.settings.name} ${this.failure} (${describeCheck(this.#ready.check)})`)
    this.#parts.changed()
  }

  #succeed(): void {
    const { settings, context, changed, log } = this.#parts
    const seconds = ((context.clock.nowMs() - this.#startedAtMs) / 1000).toFixed(1)
    this.#rest()
    this.#become()
    this.#tell({ type: 'readiness', ready: true })
    log('info', `ready: ${settings.name} after ${seconds} seconds`)
    changed()
  }

  #tell(what: Pick<ReadinessEvent, 'type' | 'ready'> | Pick<StatusTextEvent, 'type' | 'text'>): void {
    const { settings, context } = this.#parts
    const { group, name } = settings
    context.bus.emit({ ...what, group, name })
  }

  #become(): void {
    this.isReady = true
    this.readyAtMs = this.#parts.context.clock.nowMs()
  }

  async #look(check: Probe, ended: AbortSignal): Promise<void> {
    const { interval = 1, timeout = 5 } = this.#ready ?? {}
    const { settings, context } = this.#parts
    const problem = await checkOnce({ check, timeout, settings, context, ended })
    if (ended.aborted) return
    if (problem === undefined) this.#succeed()
    else {
      this.#missing = problem
      this.#parts.log('debug', `${settings.name} is not ready: ${describeCheck(check)}: ${problem}`)
      this.#after(interval * 1000, () => void this.#look(check, ended))
    }
  }

  /** Source: s6 2.15, s6-supervise: the first newline means ready; end of file without one means nothing. */
  #awaitNewline(notify: number | undefined): void {
    if (notify === undefined) return
    const socket = new Socket({ fd: notify, readable: true, writable: false })
    socket.on('data', (bytes: Buffer) => {
      if (bytes.includes('\n')) this.#succeed()
    })
    socket.on('error', () => {})
    this.#end.signal.addEventListener('abort', () => socket.destroy(), { once: true })
  }

  #awaitLine(pattern: string): void {
    const { output, log, settings } = this.#parts
    const failed = (error: unknown): void => log('warn', `${settings.name}: ready.log: ${String(error)}`)
    followLines(output, pattern, { ended: this.#end.signal, fits: () => this.#succeed(), failed })
  }
}
