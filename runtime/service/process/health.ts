// The health of a service's process. The code that checks it is loaded only where the service has the key `health`.

import type { ProcessSettings } from '../../../config/settings/process.ts'
import type { HealthReport } from '../machine/health.ts'
import type { HealthCheck, HealthParts } from './health-check.ts'

/** The health of one service. */
export class ProcessHealth {
  #check: HealthCheck | undefined
  readonly #isWanted: boolean
  #isChecked = false

  constructor(parts: HealthParts) {
    this.#isWanted = parts.settings.health !== undefined
    if (parts.settings.health !== undefined) void this.#load(parts, parts.settings.health)
  }

  /** Undefined where nothing is checked: without the key, and without a process that is up. */
  get report(): HealthReport | undefined {
    if (!this.#isWanted || !this.#isChecked) return undefined
    return { status: this.#check?.status ?? 'starting', problem: this.#check?.problem ?? '' }
  }

  /** Whether there is a process to be checked from now on. */
  follow(isUp: boolean): void {
    if (isUp === this.#isChecked) return
    this.#isChecked = isUp
    if (isUp) this.#check?.begin()
    else this.#check?.end()
  }

  /** The process reports that it is alive, or that it is not. */
  alive(isAlive: boolean): void {
    if (this.#isChecked) this.#check?.alive(isAlive)
  }

  async #load(parts: HealthParts, health: NonNullable<ProcessSettings['health']>): Promise<void> {
    const { HealthCheck } = await import('./health-check.ts')
    this.#check = new HealthCheck(parts, health)
    if (this.#isChecked) this.#check.begin()
  }
}
