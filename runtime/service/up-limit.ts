// `timeout_up`: how long the start of a service may take, over all its tries. Source: s6-rc 0.7, timeout-up.

import type { ProcessSettings } from '../../config/settings/process.ts'
import type { Clock, Timer } from '../system/clock.ts'
import type { Unit } from './unit.ts'

/** The limit of one service. */
export class UpLimit {
  readonly #clock: Clock
  readonly #settings: Pick<ProcessSettings, 'timeout_up'>
  readonly #expire: (message: string) => void
  #timer: Timer | undefined

  /** 0 seconds mean no limit. */
  constructor(clock: Clock, settings: Pick<ProcessSettings, 'timeout_up'>, expire: (message: string) => void) {
    this.#clock = clock
    this.#settings = settings
    this.#expire = expire
  }

  /** Starts the limit; `elapsedMs` of it have passed already. */
  begin(elapsedMs = 0): void {
    this.end()
    const { timeout_up: seconds } = this.#settings
    if (seconds === 0) return
    const expire = (): void => this.#expire(`was not up within ${seconds} seconds (timeout_up)`)
    this.#timer = this.#clock.after(Math.max(0, seconds * 1000 - elapsedMs), expire)
  }

  /** Ends the limit when the service is up or on its way down. */
  look(unit: Pick<Unit, 'settings' | 'standing'>): void {
    if (unit.standing(unit.settings.ready === undefined ? 'started' : 'ready') !== 'coming') this.end()
  }

  end(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
