// Looks at what programs use, where they have the keys max_memory or max_cpu, and restarts those that use more. A
// program is looked at every limit_interval seconds while it runs; without such a program no timer runs.

import type { EventBus } from '../events/bus.ts'
import type { Logger } from '../log/sink.ts'
import type { Measured, ProcessUsage } from '../process/measure.ts'
import type { Unit } from '../service/unit.ts'
import type { Clock, Timer } from '../system/clock.ts'

const LEAST_MS = 100

/** What this needs of the daemon. */
export interface UsageLimitsParts {
  readonly clock: Clock
  readonly log: Logger
  readonly bus: Pick<EventBus, 'emit'>
  units(): readonly Unit[]
  measure(wanted: readonly Measured[]): Promise<ReadonlyMap<number, ProcessUsage>>
  restart(id: string): void
  reportBug(error: unknown): void
}

interface Seen {
  readonly pid: number
  readonly atMs: number
  readonly cpuMs: number
  /** What it has used too much of and was reported. */
  readonly told: ReadonlySet<string>
}

interface Excess {
  readonly what: 'memory' | 'cpu'
  readonly value: number
  readonly limit: number
}

/** Whether the program has a limit. */
export function isLimited({ settings }: Pick<Unit, 'settings'>): boolean {
  return settings.max_memory !== undefined || settings.max_cpu !== undefined
}

/** Keeps the limits until it is closed. */
export class UsageLimits {
  readonly #parts: UsageLimitsParts
  readonly #timers = new Map<string, Timer>()
  readonly #seen = new Map<string, Seen>()

  constructor(parts: UsageLimitsParts) {
    this.#parts = parts
  }

  /** Another configuration is in force. */
  follow(): void {
    const limited = this.#parts.units().filter(isLimited)
    const ids = new Set(limited.map(({ id }) => id))
    for (const [id, timer] of this.#timers) if (!ids.has(id)) this.#drop(id, timer)
    for (const unit of limited) if (!this.#timers.has(unit.id)) this.#later(unit.id)
  }

  /** Ends it. */
  close(): void {
    for (const [id, timer] of [...this.#timers]) this.#drop(id, timer)
  }

  #drop(id: string, timer: Timer): void {
    timer.cancel()
    this.#timers.delete(id)
    this.#seen.delete(id)
  }

  #later(id: string): void {
    const unit = this.#parts.units().find((one) => one.id === id)
    if (unit === undefined) return
    const look = (): void => {
      this.#look(unit)
        .catch((error: unknown) => this.#parts.reportBug(error))
        .finally(() => this.#timers.has(id) && this.#later(id))
    }
    this.#timers.set(id, this.#parts.clock.after(Math.max(LEAST_MS, unit.settings.limit_interval * 1000), look))
  }

  async #look(unit: Unit): Promise<void> {
    const { pid } = unit.info()
    const { limits, on_limit: action } = unit.settings
    if (pid === 0 || unit.isStopping) return
    const hasCgroup = [limits?.memory, limits?.cpu, limits?.pids].some((limit) => limit !== undefined)
    const usage = (await this.#parts.measure([{ pid, hasCgroup }])).get(pid)
    if (usage === undefined || unit.info().pid !== pid) return
    const before = this.#seen.get(unit.id)
    const old = before?.pid === pid ? before : undefined
    const excesses = this.#excesses(unit, usage, old)
    const told = new Set(excesses.map(({ what }) => what))
    this.#seen.set(unit.id, { pid, atMs: this.#parts.clock.nowMs(), cpuMs: usage.cpuMs, told })
    for (const excess of excesses) if (old?.told.has(excess.what) !== true) this.#tell(unit, excess)
    if (excesses.length > 0 && action === 'restart') this.#parts.restart(unit.id)
  }

  #excesses({ settings }: Unit, usage: ProcessUsage, old: Seen | undefined): readonly Excess[] {
    const { max_memory: mostMemory = Infinity, max_cpu: mostCpu = Infinity } = settings
    const elapsed = old === undefined ? 0 : this.#parts.clock.nowMs() - old.atMs
    const cpu = old === undefined || elapsed <= 0 ? 0 : ((usage.cpuMs - old.cpuMs) / elapsed) * 100
    const all: readonly Excess[] = [
      { what: 'memory', value: usage.memoryBytes, limit: mostMemory },
      { what: 'cpu', value: Math.round(cpu), limit: mostCpu },
    ]
    return all.filter(({ value, limit }) => value > limit)
  }

  #tell({ group, name, settings }: Unit, { what, value, limit }: Excess): void {
    const { on_limit: action } = settings
    const shown =
      what === 'memory' ? `${value} bytes of memory, more than ${limit}` : `${value} % CPU, more than ${limit} %`
    const then = action === 'restart' ? ': restarting' : ''
    this.#parts.log.log('warn', `${name} uses ${shown} (max_${what})${then}`, { group, process: name })
    this.#parts.bus.emit({ type: 'limit-exceeded', group, name, what, value, limit, action })
  }
}
