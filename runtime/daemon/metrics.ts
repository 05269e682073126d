// Counts for metrics from the start on, and makes the text when a client asks for it. Everything but the counts is loaded at
// the first scrape.

import type { EventBus } from '../events/bus.ts'
import type { DaemonLogs } from '../log/open.ts'
import type { Exposition, Wanted } from '../metrics/exposition.ts'
import type { DaemonSample, UnitSample } from '../metrics/sample.ts'
import { Tally } from '../metrics/tally.ts'
import type { GroupUsage } from '../process/usage.ts'
import type { Unit } from '../service/unit.ts'
import type { Shim } from '../shim/shim.ts'
import type { Succession } from '../supervisor/succession.ts'
import type { Supervisor } from '../supervisor/supervisor.ts'
import type { Clock } from '../system/clock.ts'
import { Deliveries } from './deliveries.ts'
import { ownTurn } from '../system/turn.ts'

/** The name of its notes for the next daemon process. */
const NOTES = 'metrics'

interface Parts {
  readonly bus: EventBus
  readonly clock: Clock
  readonly supervisor: Supervisor
  readonly shim: Shim
  readonly logs: DaemonLogs
  readonly options: { readonly version: string }
}

/** The metrics of one daemon. */
export class Metrics {
  /** What is sent to other servers, with its counts. */
  readonly deliveries = new Deliveries()
  readonly #parts: Parts
  readonly #tally: Tally
  /** Unit → the CPU time that was shown last: a counter must not go back when a process of the group ends uncounted. */
  #shownCpuMs: ReadonlyMap<string, number> = new Map()
  #scrapes = 0
  #scrapesMs = 0

  constructor(parts: Parts) {
    this.#parts = parts
    this.#tally = new Tally(() => parts.clock.nowMs())
    parts.bus.on((event) => this.#tally.add(event))
  }

  /** The text of a scrape. */
  async text(wanted: Wanted): Promise<Exposition> {
    const { clock } = this.#parts
    const beganMs = clock.nowMs()
    const { expose } = await import('../metrics/exposition.ts')
    const units = await this.#units()
    const made = await expose(wanted, await this.#daemon(), units)
    this.#scrapes += 1
    this.#scrapesMs += clock.nowMs() - beganMs
    return made
  }

  /** Leaves the numbers to the next daemon process. */
  leaveTo(succession: Succession): void {
    const { supervisor } = this.#parts
    const notes = this.#tally.write((group, name) => {
      const unit = supervisor.find(group, name)
      return {
        stdoutBytes: unit?.log('stdout')?.output?.receivedBytes ?? 0,
        stderrBytes: unit?.log('stderr')?.output?.receivedBytes ?? 0,
      }
    })
    succession.leaveNotes(NOTES, notes)
  }

  /** Continues with the numbers that the previous daemon process left. */
  async resume(succession: Succession): Promise<void> {
    for (const note of await succession.takeNotes(NOTES)) this.#tally.read(note)
  }

  async #units(): Promise<readonly UnitSample[]> {
    const { usageOfGroups } = await import('../process/usage.ts')
    const units = this.#parts.supervisor.services()
    const usages = await usageOfGroups(units.map((unit) => unit.info().pid).filter((pid) => pid > 0))
    const samples = units.map((unit) => this.#sample(unit, usages))
    this.#shownCpuMs = new Map(samples.map(([id, { counts, usage }]) => [id, counts.cpuMs + (usage?.cpuMs ?? 0)]))
    return samples.map(([, sample]) => sample)
  }

  #sample(unit: Unit, usages: ReadonlyMap<number, GroupUsage>): readonly [string, UnitSample] {
    const { id, group, name } = unit
    const info = unit.info()
    const counts = this.#tally.counts(group, name)
    const { startMs, readyMs } = this.#tally.newest(group, name) ?? {}
    const usage = usages.get(info.pid)
    const missingMs = (this.#shownCpuMs.get(id) ?? 0) - counts.cpuMs - (usage?.cpuMs ?? 0)
    const streams = (['stdout', 'stderr'] as const).flatMap((stream) => {
      const output = unit.log(stream)?.output
      if (output === undefined) return []
      const receivedBytes = output.receivedBytes + counts[`${stream}Bytes`]
      return [{ stream, receivedBytes, droppedBytes: output.droppedBytes }]
    })
    const shown = { ...counts, cpuMs: counts.cpuMs + Math.max(0, missingMs) }
    return [id, { info, counts: shown, startMs, readyMs, usage, streams }]
  }

  async #daemon(): Promise<DaemonSample> {
    const { clock, shim, logs, options } = this.#parts
    const { usageOfProcess } = await import('../process/usage.ts')
    const beganMs = clock.nowMs()
    await ownTurn()
    return {
      version: options.version,
      startedAtMs: clock.wallMs() - process.uptime() * 1000,
      applies: this.#tally.applies,
      appliedAtMs: this.#tally.appliedAtMs,
      usage: usageOfProcess(process.pid),
      helper: {
        isAnswering: shim.isAnswering !== false,
        usage: shim.reaper === undefined ? undefined : usageOfProcess(shim.reaper),
      },
      lagMs: clock.nowMs() - beganMs,
      busyMs: performance.eventLoopUtilization().active,
      droppedBytes: logs.stdout.droppedBytes + logs.stderr.droppedBytes,
      webhooks: this.deliveries.webhookStatuses(),
      logTargets: this.deliveries.logTargetStatuses(),
      scrapes: this.#scrapes,
      scrapesMs: this.#scrapesMs,
    }
  }
}
