// The health of a service's process. The code that checks it is loaded only where the service has the key `health`.

import { isDeepStrictEqual } from 'node:util'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import type { HealthReport } from '../machine/health.ts'
import type { HealthCheck, HealthParts } from './health-check.ts'

/** The health of one service. */
export class ProcessHealth {
  readonly #parts: HealthParts
  #check: HealthCheck | undefined
  /** The key that is in use. */
  #health: ProcessSettings['health']
  #isChecked = false

  constructor(parts: HealthParts) {
    this.#parts = parts
    this.use()
  }

  /** The settings may have changed: with another `health` the checks begin anew. */
  use(): void {
    const { health } = this.#parts.settings
    if (isDeepStrictEqual(health, this.#health)) return
    this.#health = health
    this.#check?.end()
    this.#check = undefined
    if (health !== undefined) void this.#load(health)
  }

  /** Undefined where nothing is checked: without the key, and without a process that is up. */
  get report(): HealthReport | undefined {
    if (this.#health === undefined || !this.#isChecked) return undefined
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

  async #load(health: NonNullable<ProcessSettings['health']>): Promise<void> {
    const { HealthCheck } = await import('./health-check.ts')
    if (this.#health !== health) return
    this.#check = new HealthCheck(this.#parts, health)
    if (this.#isChecked) this.#check.begin()
  }
}
