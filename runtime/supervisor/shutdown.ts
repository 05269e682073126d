// Stops all units in order. Groups with the highest priority are stopped first, all their processes at once; the next
// priority follows when those are down. A unit is stopped after its dependents (plan/plan.ts). supervisord stops groups
// of equal priority one after the other; here a process that does not stop delays only what must come later. Processes
// that services left behind get SIGTERM at the end, and SIGKILL after a grace period. The shutdown ends as soon as the
// last process is gone; kill() ends all groups at once. Source: supervisor 4.2.5, ordered_stop_groups_phase_1,
// shutdown_report.

import type { Graph } from '../../config/model/dependencies.ts'
import type { Logger } from '../log/sink.ts'
import { sortGroups } from '../plan/order.ts'
import { planStop, type Step } from '../plan/plan.ts'
import type { GroupWatch } from '../service/process/group-watch.ts'
import { isDoneWithin } from '../service/stop-report.ts'
import type { Unit } from '../service/unit.ts'
import type { Clock, Timer } from '../system/clock.ts'
import type { Strays } from './strays.ts'

/** Time between two messages that name the processes that are still running. */
const REPORT_MS = 3000

/**
 * Event listeners have this time to answer the last events before they are stopped. supervisord stops them when it next
 * looks at its processes, which is after one second at the latest. Source: supervisor 4.2.5, Supervisor.runforever.
 */
const HEARING_SECS = 1

/** What a Shutdown needs. */
export interface ShutdownOptions {
  readonly groups: readonly {
    readonly name: string
    readonly priority: number
    readonly services: readonly Unit[]
  }[]
  readonly graph: Graph
  /** Process groups of services that are no longer configured. */
  readonly dropped: readonly GroupWatch[]
  /**
   * Stops groups of equal priority one after the other. Source: supervisor 4.2.5,
   * Supervisor.ordered_stop_groups_phase_1.
   */
  readonly oneGroupAtATime: boolean
  /** After this time everything is killed; 0 = never. */
  readonly timeoutSecs: number
  /** Time between SIGTERM and SIGKILL for processes that services left behind. */
  readonly graceSecs: number
  /** Processes that have left the groups of their services. */
  readonly strays: Strays
  readonly clock: Clock
  readonly log: Logger
  /** Resolves when the event listener of a group has no events left; at once for other groups. */
  readonly heard: (group: string) => Promise<void>
}

/** One shutdown. It begins in the constructor. */
export class Shutdown {
  readonly #options: ShutdownOptions
  readonly #services: readonly Unit[]
  readonly #timers = new Map<'report' | 'timeout', Timer>()
  /** Resolves when every service is down. */
  readonly done: Promise<void>

  constructor(options: ShutdownOptions) {
    this.#options = options
    this.#services = sortGroups(options.groups).flatMap((group) => group.services)
    for (const service of this.#services) service.forbidStart()
    this.done = this.#run()
  }

  /** Sends SIGKILL to all processes now. */
  kill(): void {
    for (const service of this.#services) service.kill()
    for (const groups of this.#left) groups.hurry()
    this.#options.strays.hurry()
  }

  async #run(): Promise<void> {
    this.#report()
    this.#limit()
    const units = new Map(this.#services.map((unit) => [unit.id, unit]))
    for (const stage of this.#stages()) await this.#stop(stage, units)
    const graceMs = this.#options.graceSecs * 1000
    const survivors = this.#left.map((groups) => groups.endSurvivors(graceMs))
    await Promise.all([this.#endLate(), this.#options.strays.end(graceMs), ...survivors])
    for (const timer of this.#timers.values()) timer.cancel()
    await Promise.all(this.#left.map((groups) => groups.endSurvivors(0)))
    for (const service of this.#services) service.close()
  }

  /** Stops the units of one stage, each as soon as its dependents are down. */
  async #stop(steps: readonly Step[], units: ReadonlyMap<string, Unit>): Promise<void> {
    const stops = new Map<string, Promise<void>>()
    for (const { unit: id, after } of steps) {
      const above = after.flatMap((other) => stops.get(other.unit) ?? [])
      const unit = units.get(id)
      stops.set(
        id,
        Promise.all(above)
          .then(() => unit && isDoneWithin(this.#options.clock, this.#options.heard(unit.group), HEARING_SECS))
          .then(() => unit?.shutDown()),
      )
    }
    await Promise.all(stops.values())
  }

  /** Process groups of all services, and of those that are no longer configured. */
  get #left(): readonly GroupWatch[] {
    return [...this.#services.map(({ groups }) => groups), ...this.#options.dropped]
  }

  /**
   * Waits for the services that did not end within their timeout_down, and kills them after the grace period. They have
   * got their stop signal already.
   */
  async #endLate(): Promise<void> {
    const { clock, graceSecs } = this.#options
    const isLate = (service: Unit): boolean => !service.atRest
    const stopped = Promise.all(this.#services.filter(isLate).map((service) => service.untilAtRest()))
    if (graceSecs > 0)
      await isDoneWithin(
        clock,
        stopped.then(() => {}),
        graceSecs,
      )
    const late = this.#services.filter(isLate)
    for (const service of late) service.kill()
    await Promise.all(late.map((service) => service.untilAtRest()))
  }

  #stages(): readonly (readonly Step[])[] {
    const { groups, graph, oneGroupAtATime } = this.#options
    const place = new Map(sortGroups(groups).map(({ name }, index) => [name, index]))
    const rankOf = ({ name, priority }: ShutdownOptions['groups'][number]) =>
      oneGroupAtATime ? (place.get(name) ?? 0) : priority
    const ranks = new Map(groups.flatMap((group) => group.services.map(({ id }) => [id, rankOf(group)] as const)))
    const stages: Step[][] = []
    for (const step of planStop(graph, ranks.keys(), (id) => ranks.get(id) ?? 0)) {
      stages[step.stage] = [...(stages[step.stage] ?? []), step]
    }
    return stages
  }

  #report(): void {
    const waiting = this.#services.filter((service) => !service.atRest)
    if (waiting.length === 0) return
    this.#options.log.log('info', `waiting for ${waiting.map(({ name }) => name).join(', ')} to die`)
    this.#timers.set(
      'report',
      this.#options.clock.after(REPORT_MS, () => this.#report()),
    )
  }

  #limit(): void {
    const { timeoutSecs, clock, log } = this.#options
    if (timeoutSecs <= 0) return
    const expire = (): void => {
      log.log('warn', `shutdown took longer than ${timeoutSecs} seconds (shutdown_timeout), killing what is left`)
      this.kill()
    }
    this.#timers.set('timeout', clock.after(timeoutSecs * 1000, expire))
  }
}
