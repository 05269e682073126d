// Checks the health of a running process again and again, by its key `health`. The kinds `notify` and `log` wait for a
// sign of life within each interval; all others look once in each interval. There is one check at a time. Only a
// service with the key loads this file.

import type { Health } from '../../../config/model/checks.ts'
import type { LogLevel } from '../../../config/model/log-level.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import type { ServiceContext } from '../context.ts'
import type { ServiceOutput } from './output.ts'
import type { Timer } from '../../system/clock.ts'
import { type HealthCount, countResult, UNCHECKED } from '../machine/health.ts'
import { checkOnce } from './check-once.ts'
import { followLines } from './follow-lines.ts'
import { describeCheck, type Probe } from './probes.ts'

/** What the checks need of their service. */
export interface HealthParts {
  readonly settings: ProcessSettings
  readonly context: ServiceContext
  readonly output: ServiceOutput
  /** The status has changed. */
  changed(): void
  /** The process has become unhealthy: does what `on_unhealthy` says. The text continues a sentence about it. */
  act(what: string): void
  log(level: LogLevel, message: string): void
}

/** The checks of one service. */
export class HealthCheck {
  readonly #parts: HealthParts
  readonly #health: Health
  #end = new AbortController()
  #timer: Timer | undefined
  #beganAtMs = 0
  #signAtMs = 0
  #count: HealthCount = UNCHECKED
  #problem = ''

  constructor(parts: HealthParts, health: Health) {
    this.#parts = parts
    this.#health = health
  }

  get status(): HealthCount['status'] {
    return this.#count.status
  }

  /** Why the last check failed; empty after a success. */
  get problem(): string {
    return this.#problem
  }

  /** A process is to be checked from now on. */
  begin(): void {
    this.end()
    const { check } = this.#health
    this.#end = new AbortController()
    this.#beganAtMs = this.#nowMs
    this.#signAtMs = this.#beganAtMs
    if (check.kind === 'notify') this.#awaitSign()
    else if (check.kind === 'log') this.#followLog(check.pattern)
    else void this.#look(check, this.#end.signal)
  }

  /** The process is not to be checked any more. */
  end(): void {
    this.#end.abort()
    this.#timer?.cancel()
    this.#count = UNCHECKED
    this.#problem = ''
  }

  /** The process reports that it is alive, or that it is not. */
  alive(isAlive: boolean): void {
    if (this.#end.signal.aborted || this.#health.check.kind !== 'notify') return
    if (isAlive) this.#sign()
    else this.#take('the process reports it (WATCHDOG=trigger)', true)
  }

  get #nowMs(): number {
    return this.#parts.context.clock.nowMs()
  }

  async #look(check: Probe, ended: AbortSignal): Promise<void> {
    const { settings, context } = this.#parts
    const problem = await checkOnce({ check, timeout: this.#health.timeout, settings, context, ended })
    if (ended.aborted) return
    this.#take(problem === undefined ? '' : problem)
    if (!ended.aborted) this.#after(this.#pauseMs, () => void this.#look(check, ended))
  }

  /** The jitter spreads the checks of many programs that were started together. */
  get #pauseMs(): number {
    const { interval, jitter } = this.#health
    return (interval + jitter * Math.random()) * 1000
  }

  #followLog(pattern: string): void {
    const { output, log, settings } = this.#parts
    const failed = (error: unknown): void => log('warn', `${settings.name}: health.log: ${String(error)}`)
    followLines(output, pattern, { ended: this.#end.signal, fits: () => this.#sign(), failed })
    this.#awaitSign()
  }

  #sign(): void {
    this.#signAtMs = this.#nowMs
    if (this.status !== 'healthy') this.#take('')
    else this.#count = { ...this.#count, inARow: 0 }
  }

  /** The timer is not set anew at each sign, which may come very often. */
  #awaitSign(): void {
    const { interval } = this.#health
    const restMs = this.#signAtMs + interval * 1000 - this.#nowMs
    this.#after(restMs, () => {
      const { signal } = this.#end
      if (this.#signAtMs + interval * 1000 <= this.#nowMs) {
        this.#signAtMs = this.#nowMs
        this.#take(`no sign of life for ${interval} seconds`)
      }
      if (!signal.aborted) this.#awaitSign()
    })
  }

  #after(delayMs: number, fn: () => void): void {
    this.#timer?.cancel()
    this.#timer = this.#parts.context.clock.after(delayMs, fn)
  }

  /** Counts a result; an empty problem is a success. `isFinal`: this failure alone is enough. */
  #take(problem: string, isFinal = false): void {
    const before = this.status
    const rules = isFinal ? { ...this.#health, failures: 1, start_period: 0 } : this.#health
    const result = { isGood: problem === '', ageMs: this.#nowMs - this.#beganAtMs }
    this.#count = countResult(this.#count, result, rules)
    this.#problem = problem
    const { settings, log } = this.#parts
    if (problem !== '') log('debug', `${settings.name}: ${describeCheck(this.#health.check)}: ${problem}`)
    if (this.status !== before) this.#report()
  }

  #report(): void {
    const { settings, context, log, changed, act } = this.#parts
    const { group, name } = settings
    const isHealthy = this.status === 'healthy'
    const reason = isHealthy ? '' : `${describeCheck(this.#health.check)}: ${this.#problem}`
    log(isHealthy ? 'info' : 'warn', isHealthy ? `healthy: ${name}` : `unhealthy: ${name}: ${reason}`)
    context.bus.emit({ type: 'health', group, name, healthy: isHealthy, reason })
    changed()
    if (!isHealthy) act(`is unhealthy (${reason})`)
  }
}
