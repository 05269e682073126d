// The ordered end of all units: from the highest priority down, all processes of the groups of one priority at
// once, the next only when those before are down; and what depends on something is down before that (plan/plan.ts).
// supervisord takes groups of one priority one after the other; here one that hangs delays only what must come after
// it. What processes left behind is killed at the end.
// Source: supervisor 4.2.5, ordered_stop_groups_phase_1, shutdown_report. Ends the moment the last process is gone;
// kill() makes all groups end at once.

import type { Graph } from '../config/dependencies.ts'
import type { Logger } from './log/sink.ts'
import { sortGroups } from './plan/order.ts'
import { planStop, type Step } from './plan/plan.ts'
import type { GroupWatch } from './service/group-watch.ts'
import type { Unit } from './service/unit.ts'
import type { Clock, Timer } from './system/clock.ts'

/** How often those that are left are named. */
const REPORT_MS = 3000

/** What a Shutdown needs. */
export interface ShutdownOptions {
  readonly groups: readonly {
    readonly name: string
    readonly priority: number
    readonly services: readonly Unit[]
  }[]
  readonly graph: Graph
  /** Of services that are no longer configured. */
  readonly dropped: readonly GroupWatch[]
  /** Also groups of equal priority. Source: supervisor 4.2.5, Supervisor.ordered_stop_groups_phase_1. */
  readonly oneGroupAtATime: boolean
  /** After so many seconds all that is left is killed; 0 = never. */
  readonly timeoutSecs: number
  readonly clock: Clock
  readonly log: Logger
}

/** One shutdown, begun when it is built. */
export class Shutdown {
  readonly #options: ShutdownOptions
  readonly #services: readonly Unit[]
  readonly #timers = new Map<'report' | 'timeout', Timer>()
  /** Resolves when every service is down. */
  readonly done: Promise<void>

  constructor(options: ShutdownOptions) {
    this.#options = options
    this.#services = sortGroups(options.groups).flatMap((group) => group.services)
    for (const service of this.#services) service.hold()
    this.done = this.#run()
  }

  /** SIGKILL to everything now. */
  kill(): void {
    for (const service of this.#services) service.kill()
  }

  async #run(): Promise<void> {
    this.#report()
    this.#limit()
    const units = new Map(this.#services.map((unit) => [unit.id, unit]))
    for (const stage of this.#stages()) await stopAll(stage, units)
    await this.#killLate()
    for (const timer of this.#timers.values()) timer.cancel()
    const left = [...this.#services.map(({ groups }) => groups), ...this.#options.dropped]
    await Promise.all(left.map((groups) => groups.killSurvivors()))
    for (const service of this.#services) service.close()
  }

  /** Who took longer than its timeout_down was not waited for. */
  async #killLate(): Promise<void> {
    const late = this.#services.filter((service) => !service.atRest)
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

/** One stage: everybody at once, but each after those that need it. */
async function stopAll(steps: readonly Step[], units: ReadonlyMap<string, Unit>): Promise<void> {
  const stops = new Map<string, Promise<void>>()
  for (const { unit, after } of steps) {
    const above = after.flatMap((other) => stops.get(other.unit) ?? [])
    stops.set(
      unit,
      Promise.all(above).then(() => units.get(unit)?.shutDown()),
    )
  }
  await Promise.all(stops.values())
}
