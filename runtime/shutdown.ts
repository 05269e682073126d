// The ordered end of all services: group after group from the highest priority down, all processes of a group
// at once, the next group only when the one before is down. Source: supervisor 4.2.5, ordered_stop_groups_phase_1,
// shutdown_report. Ends the moment the last process is gone; kill() makes all groups end at once.

import type { Logger } from './log/sink.ts'
import { shutdownStages, sortGroups } from './plan/order.ts'
import type { Service } from './service/service.ts'
import type { Clock, Timer } from './system/clock.ts'

/** How often those that are left are named. */
const REPORT_MS = 3000

/** What a Shutdown needs. */
export interface ShutdownOptions {
  readonly groups: readonly {
    readonly name: string
    readonly priority: number
    readonly services: readonly Service[]
  }[]
  /** After so many seconds all that is left is killed; 0 = never. */
  readonly timeoutSecs: number
  readonly clock: Clock
  readonly log: Logger
}

/** One shutdown, begun when it is built. */
export class Shutdown {
  readonly #options: ShutdownOptions
  readonly #timers = new Map<'report' | 'timeout', Timer>()
  /** Resolves when every service is down. */
  readonly done: Promise<void>

  constructor(options: ShutdownOptions) {
    this.#options = options
    for (const service of this.#services()) service.hold()
    this.done = this.#run()
  }

  /** SIGKILL to everything now. */
  kill(): void {
    for (const service of this.#services()) service.kill()
  }

  async #run(): Promise<void> {
    this.#report()
    this.#limit()
    for (const group of shutdownStages(this.#options.groups)) {
      await Promise.all(group.services.toReversed().map((service) => service.shutDown()))
    }
    for (const timer of this.#timers.values()) timer.cancel()
    for (const service of this.#services()) service.close()
  }

  #report(): void {
    const waiting = this.#services().filter((service) => !service.atRest)
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

  #services(): readonly Service[] {
    return sortGroups(this.#options.groups).flatMap((group) => group.services)
  }
}
